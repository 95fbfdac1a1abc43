/* The context pane: a drawer on narrow screens. */

const desk = document.getElementById("desk");
const context = document.getElementById("context");
let opener = null;

export function drawer(open) {
  const was = desk.dataset.drawer === "open";
  if (open === was) return;
  desk.dataset.drawer = open ? "open" : "";
  for (const toggle of document.querySelectorAll(".drawer-toggle")) toggle.setAttribute("aria-expanded", String(open));
  if (open) {
    opener = document.activeElement;
    requestAnimationFrame(() => context.querySelector("[data-do='context']")?.focus());
  } else if (context.contains(document.activeElement)) {
    opener?.focus?.();
  }
}
