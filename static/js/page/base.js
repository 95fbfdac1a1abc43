/* Loaded by every page: preferences, menus, ages, and what is shown when an htmx request fails. */

import { refreshAges } from "./ages.js";
import { showMacKeys } from "./keyboard.js";
import { gettext } from "./texts.js";
import { startPreferences } from "./theme.js";
import { failed, toast } from "./toast.js";

startPreferences();
showMacKeys(document);
setInterval(() => document.hidden || refreshAges(), 30000);

// A click elsewhere or Escape closes a menu; Escape puts the focus back on its button.
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

/* After the session has ended htmx gets the login page: it must not be put into a pane. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const address = event.detail.xhr.responseURL;
  if (address && new URL(address).pathname.startsWith("/login")) {
    event.detail.shouldSwap = false;
    failed({ message: gettext("You have been logged out. Log in again. What you typed is kept."), status: 401 });
  }
});

function notLoaded() {
  const made = document.createElement("p");
  made.className = "dim small";
  made.textContent = gettext("This cannot be loaded right now. Everything else works.");
  return made;
}

function retry(detail) {
  const { verb, path } = detail.requestConfig;
  return () => window.htmx.ajax(verb.toUpperCase(), path, { source: detail.elt, target: detail.target, swap: "innerHTML" });
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const { elt, xhr } = event.detail;
    if (elt.closest("[data-quiet]")) {
      // A side panel shows its failure in its own place; the rest of the page is not affected.
      const waiting = elt.querySelector(":scope > .skeleton");
      if (waiting) {
        elt.querySelectorAll(":scope > .skeleton").forEach((each) => each.remove());
        elt.append(notLoaded());
      }
      return;
    }
    const text =
      xhr?.status === 404
        ? gettext("This ticket no longer exists.")
        : gettext("This could not be loaded. What you typed is kept.");
    toast(text, { kind: "bad", seconds: 12, action: { label: gettext("Try again"), run: retry(event.detail) } });
  });
}
