/* Short messages about what just happened, with a button to undo it. */

import { gettext } from "./texts.js";

const shown = new Set();
let home = null; // what had the focus before a message got it

export function announce(text) {
  // Emptied first, so that a screen reader reads the same text again.
  told().textContent = "";
  requestAnimationFrame(() => (told().textContent = text));
}

/* Outside of an open dialog nothing is read out: it has a place of its own. */
function told() {
  const dialog = document.querySelector("dialog[open]");
  if (!dialog) return document.getElementById("announce");
  return dialog.querySelector(":scope > .unseen[role=status]") ?? dialog.appendChild(status());
}

function status() {
  const made = document.createElement("div");
  made.className = "unseen";
  made.setAttribute("role", "status");
  return made;
}

const UNDO_SECONDS = 10;
const MOMENT = 2000; // milliseconds

/** Undo what the newest message offers to undo. */
export function undoNewest() {
  const box = [...shown].reverse().find((each) => each.dataset.undo);
  if (box) box.querySelector(".button").click();
  else announce(gettext("There is nothing to undo."));
}

/**
 * Show `text`; `action` = {label, run[, seconds]}. The action of a message that is not bad news undoes what happened: it
 * has the key z and stays at least ten seconds; its button goes after `action.seconds`. Returns a function that removes
 * the message.
 */
export function toast(text, { action = null, seconds = 5, kind = "", key = text } = {}) {
  const undoes = Boolean(action) && kind !== "bad";
  const place = document.getElementById("toasts");
  makeRoom(key);
  const box = made(text, { action, kind, key, undoes });
  place.append(box);
  shown.add(box);
  raise(place);
  announce(action ? gettext("%(text)s Available: %(action)s.", { text, action: action.label }) : text);
  goLater(box, undoes ? Math.max(seconds, UNDO_SECONDS) : seconds, place);
  return () => remove(box);
}

/* Older messages go; the last one stays beside the newest if it can still be undone. */
function makeRoom(key) {
  const old = [...shown];
  const last = old.at(-1);
  for (const other of old) if (other !== last || other.dataset.key === key || !other.dataset.undo) remove(other);
}

function made(text, { action, kind, key, undoes }) {
  const box = document.createElement("div");
  box.className = `toast ${kind ? `toast-${kind}` : ""}`;
  box.dataset.key = key;
  if (undoes) box.dataset.undo = "yes";
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  if (action) box.append(button(action.label, () => (remove(box), action.run())));
  if (undoes) addUndoKey(box, action.seconds);
  const close = button("×", () => remove(box));
  close.classList.add("close");
  close.setAttribute("aria-label", gettext("Dismiss"));
  box.append(close);
  return box;
}

/* A message stays while the pointer or the focus is on it, and a moment after, but never less than its time. */
function goLater(box, seconds, place) {
  const end = Date.now() + seconds * 1000;
  let timer = setTimeout(() => remove(box), seconds * 1000);
  const stay = () => clearTimeout(timer);
  const go = () => (stay(), (timer = setTimeout(() => remove(box), Math.max(MOMENT, end - Date.now()))));
  box.addEventListener("pointerenter", stay);
  box.addEventListener("pointerleave", go);
  box.addEventListener("focusin", (event) => {
    stay();
    if (event.relatedTarget && !place.contains(event.relatedTarget)) home = event.relatedTarget;
  });
  box.addEventListener("focusout", go);
  // A click on a message leaves the focus where it is.
  box.addEventListener("mousedown", (event) => event.preventDefault());
}

/** Into the top layer, so that a message is visible above an open dialog. The focus does not move. */
function raise(place) {
  const before = document.activeElement;
  // A message that has the focus is visible already, and hiding it for a moment would lose the focus.
  if (!place.showPopover || place.contains(before)) return;
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
  if (before !== document.activeElement && before?.isConnected) before.focus({ preventScroll: true });
}

export function failed(error, retry = null) {
  const action =
    error.status === 401
      ? { label: gettext("Log in"), run: () => location.reload() }
      : retry && { label: gettext("Try again"), run: retry };
  toast(error.message, { kind: "bad", seconds: 10, action });
}

function addUndoKey(box, seconds) {
  const undo = box.querySelector(".button");
  if (document.getElementById("desk")?.dataset.singleKeys === "on") {
    const key = document.createElement("kbd");
    key.textContent = "z";
    key.setAttribute("aria-hidden", "true");
    undo.setAttribute("aria-keyshortcuts", "z");
    undo.append(" ", key);
  }
  if (seconds) setTimeout(() => (undo.remove(), delete box.dataset.undo), seconds * 1000);
}

function button(label, run) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = label;
  made.addEventListener("click", run);
  return made;
}

function remove(box) {
  const inside = box.contains(document.activeElement);
  shown.delete(box);
  box.remove();
  const place = document.getElementById("toasts");
  if (!shown.size && place.matches?.(":popover-open")) place.hidePopover();
  if (inside) goHome();
}

/** The focus goes back to where it was or, if that is gone, to the beginning of the content. */
function goHome() {
  const there = home?.isConnected && home !== document.body ? home : null;
  const place = there || document.getElementById("ticket-title") || document.getElementById("content");
  if (!there && place && !place.hasAttribute("tabindex")) place.tabIndex = -1;
  place?.focus({ preventScroll: true });
}
