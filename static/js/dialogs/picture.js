/* A picture in full size, with those before and after it in the conversation or in the composer. */

import { bare } from "../page/keyboard.js";
import { gettext } from "../page/texts.js";
import { open, whenClosed } from "./dialog.js";

const byId = (id) => document.getElementById(id);

/** `shown`: a preview, which is a link, or a picture in a mail. */
export function showPicture(shown) {
  const place = shown.closest("#messages") ?? shown.closest("ul");
  const all = [...place.querySelectorAll("[data-picture]")].filter((each) => each.checkVisibility());
  const dialog = byId("dialog-picture");
  let at = all.indexOf(shown);
  const step = (by) => fill((at = (at + by + all.length) % all.length), all);
  const clicked = (event) => {
    const button = event.target.closest("[data-picture-step]");
    if (button) step(Number(button.dataset.pictureStep));
  };
  const key = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !bare(event)) return;
    event.preventDefault();
    step(by);
  };
  if (!open(dialog)) return;
  const leaving = new AbortController();
  const { signal } = leaving;
  dialog.addEventListener("click", clicked, { signal });
  dialog.addEventListener("keydown", key, { signal });
  whenClosed(dialog, () => (leaving.abort(), byId("picture").removeAttribute("src")));
  byId("picture").addEventListener("load", () => broken(false), { signal });
  byId("picture").addEventListener("error", () => broken(true), { signal });
  fill(at, all);
}

function fill(at, all) {
  const { dataset, href } = all[at];
  const { name } = dataset;
  byId("picture-title").textContent = name;
  byId("picture-count").textContent = all.length > 1 ? gettext("%(number)s of %(count)s", { number: at + 1, count: all.length }) : "";
  Object.assign(byId("picture"), { src: dataset.picture, alt: name });
  Object.assign(byId("picture-file"), { href: dataset.file ?? href, download: name });
  for (const button of byId("dialog-picture").querySelectorAll("[data-picture-step]")) button.hidden = all.length < 2;
}

function broken(is) {
  byId("picture").hidden = is;
  byId("picture-broken").hidden = !is;
}
