/* A picture in full size, with those before and after it in the conversation or in the composer. */

import { bare } from "../page/keyboard.js";
import { gettext } from "../page/texts.js";
import { open } from "./dialog.js";

const byId = (id) => document.getElementById(id);

export function showPicture(link) {
  const links = [...(link.closest("#messages") ?? link.closest("ul")).querySelectorAll("a[data-picture]")];
  const dialog = byId("dialog-picture");
  let at = links.indexOf(link);
  const step = (by) => fill((at = (at + by + links.length) % links.length), links);
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
  dialog.addEventListener("close", () => (leaving.abort(), byId("picture").removeAttribute("src")), { once: true });
  byId("picture").addEventListener("load", () => broken(false), { signal });
  byId("picture").addEventListener("error", () => broken(true), { signal });
  fill(at, links);
}

function fill(at, links) {
  const link = links[at];
  const name = link.querySelector("img").alt || link.textContent.trim();
  byId("picture-title").textContent = name;
  byId("picture-count").textContent = links.length > 1 ? gettext("%(number)s of %(count)s", { number: at + 1, count: links.length }) : "";
  Object.assign(byId("picture"), { src: link.dataset.picture, alt: name });
  Object.assign(byId("picture-file"), { href: link.href, download: name });
  for (const button of byId("dialog-picture").querySelectorAll("[data-picture-step]")) button.hidden = links.length < 2;
}

function broken(is) {
  byId("picture").hidden = is;
  byId("picture-broken").hidden = !is;
}
