/* Entry for every page: preferences, menus, ages, and htmx errors in plain words. */

import { refreshAges } from "./ages.js";
import { showMacKeys } from "./keyboard.js";
import { startPreferences } from "./theme.js";
import { failed, toast } from "./toast.js";

startPreferences();
showMacKeys(document);
setInterval(() => document.hidden || refreshAges(), 30000);

// A menu closes when something else is chosen, and on Escape, with the focus back where it was.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("a, [data-open-help]")) menu.open = false;
  }
});
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopImmediatePropagation();
  },
  true,
);

document.addEventListener("htmx:load", (event) => showMacKeys(event.detail.elt));

/* A session that ended answers with the log-in page: never swap that into a pane. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const address = event.detail.xhr.responseURL;
  if (address && new URL(address).pathname.startsWith("/login")) {
    event.detail.shouldSwap = false;
    failed({ message: "You have been logged out. Log in again; what you typed is kept.", status: 401 });
  }
});

function again(detail) {
  const { verb, path } = detail.requestConfig;
  return () => window.htmx.ajax(verb.toUpperCase(), path, { source: detail.elt, target: detail.target, swap: "innerHTML" });
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const { elt, xhr } = event.detail;
    if (elt.closest("[data-quiet]")) {
      // A side panel: say it in its own place, the rest of the desk goes on.
      const waiting = elt.querySelector(":scope > .skeleton");
      if (waiting) {
        elt.querySelectorAll(":scope > .skeleton").forEach((each) => each.remove());
        elt.insertAdjacentHTML("beforeend", '<p class="dim small">This cannot be loaded right now. Everything else works.</p>');
      }
      return;
    }
    const words =
      xhr?.status === 404
        ? "This ticket is no longer there."
        : "That did not load. What you typed is kept.";
    toast(words, { kind: "bad", seconds: 12, action: { label: "Try again", run: again(event.detail) } });
  });
}
