/* The excerpt behind a citation: a card beside a citation in the composer, or below its unit in the list of sources. Nothing else
   moves, and the focus stays where it is. */

import { getHtml } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { announce, failed } from "../page/toast.js";

const MARGIN = 8;
const LINE = 19;
let anchor = null;

const card = () => document.getElementById("excerpt");

/** Open it beside `chip`. If it is open already, a key moves into it and a click closes it. */
export async function showExcerpt(chip, url, byKey) {
  if (anchor === chip) return byKey ? card().querySelector("a, button").focus() : closeExcerpt();
  try {
    const html = await getHtml(url);
    closeExcerpt();
    const place = card();
    place.innerHTML = html;
    place.append(closeButton());
    anchor = chip;
    chip.setAttribute("aria-pressed", "true");
    place.showPopover();
    put();
    place.querySelector("mark")?.scrollIntoView({ block: "nearest" });
    const [title, text] = ["h3", "mark"].map((name) => [...place.querySelectorAll(name)].map((each) => each.textContent).join(" "));
    announce(gettext("Excerpt: %(title)s. %(text)s", { title, text }));
  } catch (error) {
    failed(error, () => showExcerpt(chip, url, byKey));
  }
}

/** Open or close it below its unit in the list. */
export async function toggleSource(button) {
  if (button.ariaBusy === "true") return;
  const unit = button.closest(".unit");
  const open = unit?.querySelector(".unit-excerpt");
  button.setAttribute("aria-expanded", String(!open));
  if (open) return open.remove();
  button.ariaBusy = "true";
  try {
    const place = document.createElement("div");
    place.className = "unit-excerpt";
    place.innerHTML = await getHtml(button.dataset.excerpt);
    unit.append(place);
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

function closeButton() {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-quiet excerpt-close";
  made.dataset.closeExcerpt = "";
  made.setAttribute("aria-label", gettext("Close excerpt"));
  made.textContent = "×";
  return made;
}

/** Above the citation and its line, or below, wherever there is more room; inside the ticket pane if that is wide enough. */
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
