/* The context pane: a drawer on narrow screens, and the excerpt behind a citation. */

import { getHtml } from "./http.js";
import { announce, failed } from "./toast.js";

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

export const narrow = () => matchMedia("(max-width: 1199px)").matches;

/* The cited excerpt, at the top of the pane; the focus stays in the text. */
export async function showExcerpt(url) {
  const place = document.getElementById("excerpt");
  try {
    const html = await getHtml(url);
    place.innerHTML = `<p class="excerpt-head small">Cited excerpt <button type="button" class="button button-quiet" data-close-excerpt>Close</button></p>${html}`;
    place.hidden = false;
    if (narrow()) drawer(true);
    context.scrollTo({ top: 0 });
    announce(`Excerpt: ${place.querySelector("h3")?.textContent ?? ""}`);
  } catch (error) {
    failed(error, () => showExcerpt(url));
  }
}

export function closeExcerpt() {
  const place = document.getElementById("excerpt");
  if (place) place.hidden = true;
  document.querySelector('.cite[aria-pressed="true"]')?.removeAttribute("aria-pressed");
}
