/* One quiet place for what just happened, with the way to undo it. */

const shown = new Set();

export function announce(text) {
  const place = document.getElementById("announce");
  // Emptied first: the same words twice are two announcements.
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
}

/** Show `text`; `action` = {label, run}. Returns a function that takes it away. */
export function toast(text, { action = null, seconds = 5, kind = "", key = text } = {}) {
  const place = document.getElementById("toasts");
  // Old news makes room; what can still be undone stays beside the newest.
  const old = [...shown];
  for (const other of old) if (other.dataset.key === key || !other.dataset.undo || old.length > 1) remove(other);
  const box = document.createElement("div");
  box.className = `toast ${kind ? `toast-${kind}` : ""}`;
  box.dataset.key = key;
  if (action && kind !== "bad") box.dataset.undo = "yes";
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  if (action) box.append(button(action.label, () => (remove(box), action.run())));
  const close = button("×", () => remove(box));
  close.classList.add("close");
  close.setAttribute("aria-label", "Dismiss");
  box.append(close);
  place.append(box);
  shown.add(box);
  // The top layer, so that a message is seen above an open dialog.
  if (place.showPopover) {
    if (place.matches(":popover-open")) place.hidePopover();
    place.showPopover();
  }
  announce(text + (action ? `. ${action.label} is offered.` : ""));
  let timer = setTimeout(() => remove(box), seconds * 1000);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => (timer = setTimeout(() => remove(box), 2000)));
  return () => remove(box);
}

export function failed(error, retry = null) {
  const action =
    error.status === 401
      ? { label: "Log in", run: () => location.reload() }
      : retry && { label: "Try again", run: retry };
  toast(error.message, { kind: "bad", seconds: 10, action });
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
  shown.delete(box);
  box.remove();
  const place = document.getElementById("toasts");
  if (!shown.size && place.matches?.(":popover-open")) place.hidePopover();
}
