/* One quiet place for what just happened, with the way to undo it. */

const shown = new Set();
let home = null; // where the person was before the focus came to a message

export function announce(text) {
  const place = document.getElementById("announce");
  // Emptied first: the same words twice are two announcements.
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
}

const UNDO_SECONDS = 10;

/** Undo what the newest message offers to undo. */
export function undoNewest() {
  const box = [...shown].reverse().find((each) => each.dataset.undo);
  if (box) box.querySelector(".button").click();
  else announce("There is nothing to undo.");
}

/**
 * Show `text`; `action` = {label, run[, seconds]}. An action on good news undoes it: it has the key z and stands
 * ten seconds, or as long as it is possible (`action.seconds`). Returns a function that takes the message away.
 */
export function toast(text, { action = null, seconds = 5, kind = "", key = text } = {}) {
  const undoes = Boolean(action) && kind !== "bad";
  const place = document.getElementById("toasts");
  makeRoom(key);
  const box = made(text, { action, kind, key, undoes });
  place.append(box);
  shown.add(box);
  raise(place);
  announce(text + (action ? `. ${action.label} is offered.` : ""));
  goLater(box, undoes ? Math.max(seconds, UNDO_SECONDS) : seconds, place);
  return () => remove(box);
}

/* Old news makes room; what can still be undone stays beside the newest. */
function makeRoom(key) {
  const old = [...shown];
  for (const other of old) if (other.dataset.key === key || !other.dataset.undo || old.length > 1) remove(other);
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
  if (undoes) offerKey(box, action.seconds);
  const close = button("×", () => remove(box));
  close.classList.add("close");
  close.setAttribute("aria-label", "Dismiss");
  box.append(close);
  return box;
}

/* Nothing goes while somebody points at it or has the focus in it. */
function goLater(box, seconds, place) {
  let timer = setTimeout(() => remove(box), seconds * 1000);
  const stay = () => clearTimeout(timer);
  const go = () => (clearTimeout(timer), (timer = setTimeout(() => remove(box), 2000)));
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

/** To the top layer, so that a message is seen above an open dialog; the focus stays where it is. */
function raise(place) {
  const before = document.activeElement;
  // Whoever has the focus in a message sees it already; taken down for a moment it would lose the focus.
  if (!place.showPopover || place.contains(before)) return;
  if (place.matches(":popover-open")) place.hidePopover();
  place.showPopover();
  if (before !== document.activeElement && before?.isConnected) before.focus({ preventScroll: true });
}

export function failed(error, retry = null) {
  const action =
    error.status === 401
      ? { label: "Log in", run: () => location.reload() }
      : retry && { label: "Try again", run: retry };
  toast(error.message, { kind: "bad", seconds: 10, action });
}

function offerKey(box, possible) {
  const undo = box.querySelector(".button");
  if (document.getElementById("desk")?.dataset.singleKeys === "on") {
    const key = document.createElement("kbd");
    key.textContent = "z";
    key.setAttribute("aria-hidden", "true");
    undo.setAttribute("aria-keyshortcuts", "z");
    undo.append(" ", key);
  }
  if (possible) setTimeout(() => (undo.remove(), delete box.dataset.undo), possible * 1000);
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

/** Back to where the person was; if that is gone, to the beginning of the page's content. */
function goHome() {
  const there = home?.isConnected && home !== document.body ? home : null;
  const place = there || document.getElementById("ticket-title") || document.getElementById("content");
  if (!there && place && !place.hasAttribute("tabindex")) place.tabIndex = -1;
  place?.focus({ preventScroll: true });
}
