/* The context pane: a drawer on narrow screens. */

const desk = document.getElementById("desk");
const context = document.getElementById("context");
let opener = null;

export const drawerIsOpen = () => desk.dataset.drawer === "open";

export function drawer(open) {
  if (open === drawerIsOpen()) return;
  desk.dataset.drawer = open ? "open" : "";
  for (const toggle of document.querySelectorAll(".drawer-toggle")) toggle.setAttribute("aria-expanded", String(open));
  if (open) {
    opener = document.activeElement;
    requestAnimationFrame(() => context.querySelector("[data-do='context']")?.focus());
  } else if (context.contains(document.activeElement)) {
    opener?.focus?.();
  }
}
