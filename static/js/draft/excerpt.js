/* The excerpt behind a citation, opened where it was asked for: as a card beside a chip of the composer, or below its
   line in the list of sources. Nothing else moves, and the focus stays where it is. */

import { bestSentence } from "./excerptmark.js";
import { getHtml } from "../page/http.js";
import { announce, failed } from "../page/toast.js";

const MARGIN = 8;
const LINE = 19;
let anchor = null;

const card = () => document.getElementById("excerpt");

/** Beside `chip`; `said` is the sentence of the draft that it stands for. Again: into the card by key, else away. */
export async function showExcerpt(chip, url, said, byKey) {
  if (anchor === chip) return byKey ? card().querySelector("a, button").focus() : closeExcerpt();
  try {
    const html = await getHtml(url);
    closeExcerpt();
    const place = card();
    place.innerHTML = `${html}<button type="button" class="button button-quiet excerpt-close" data-close-excerpt aria-label="Close the excerpt">×</button>`;
    mark(place, said);
    anchor = chip;
    chip.setAttribute("aria-pressed", "true");
    place.showPopover();
    put();
    place.querySelector("mark")?.scrollIntoView({ block: "nearest" });
    announce(`Excerpt: ${place.querySelector("h3")?.textContent ?? ""}. ${place.querySelector("mark")?.textContent ?? ""}`);
  } catch (error) {
    failed(error, () => showExcerpt(chip, url, said, byKey));
  }
}

/** Below its line in the list of sources; the same click closes it. */
export async function toggleSource(button) {
  if (button.ariaBusy === "true") return;
  const hit = button.closest(".hit");
  const open = hit?.querySelector(".hit-excerpt");
  button.setAttribute("aria-expanded", String(!open));
  if (open) return open.remove();
  button.ariaBusy = "true";
  try {
    const place = document.createElement("div");
    place.className = "hit-excerpt";
    place.innerHTML = await getHtml(button.dataset.excerpt);
    hit.append(place);
  } catch (error) {
    button.setAttribute("aria-expanded", "false");
    failed(error, () => toggleSource(button));
  } finally {
    button.ariaBusy = null;
  }
}

export function closeExcerpt() {
  const place = card();
  if (place?.contains(document.activeElement)) anchor?.focus({ preventScroll: true });
  if (place?.matches(":popover-open")) place.hidePopover();
  anchor?.removeAttribute("aria-pressed");
  anchor = null;
}

export const excerptIsOpen = () => Boolean(anchor);

function mark(place, said) {
  const sentences = [...place.querySelectorAll("[data-sentence]")];
  const best = bestSentence(said, sentences.map((each) => each.textContent));
  if (best < 0) return;
  const marked = document.createElement("mark");
  marked.append(...sentences[best].childNodes);
  sentences[best].append(marked);
}

/** Above the chip and the line before it if there is more room, else below; inside the ticket's pane if that is wide enough. */
function put() {
  const place = card();
  if (!anchor?.isConnected) return closeExcerpt();
  const chip = anchor.getBoundingClientRect();
  const pane = document.getElementById("content").getBoundingClientRect();
  const right = pane.width > place.offsetWidth + 2 * MARGIN ? pane.right : innerWidth;
  const above = chip.top - LINE - 2 * MARGIN;
  const below = innerHeight - chip.bottom - 2 * MARGIN;
  const upwards = above >= below;
  place.style.maxHeight = `${Math.max(above, below)}px`;
  place.style.left = `${Math.max(MARGIN, Math.min(chip.left - 24, right - place.offsetWidth - MARGIN))}px`;
  place.style.top = upwards ? "auto" : `${chip.bottom + MARGIN}px`;
  place.style.bottom = upwards ? `${innerHeight - chip.top + LINE + MARGIN}px` : "auto";
}

addEventListener("resize", () => anchor && put());
document.addEventListener("scroll", (event) => anchor && event.target.contains?.(anchor) && put(), { capture: true, passive: true });
document.addEventListener("pointerdown", (event) => {
  if (anchor && !event.target.closest("#excerpt, .cite, #toasts")) closeExcerpt();
});
