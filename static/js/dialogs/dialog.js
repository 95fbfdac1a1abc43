/* Native dialogs: the focus moves in and, on closing, back to where it was. Opening one changes nothing. */

import { bare, composing, mainModifier, typing } from "../page/keyboard.js";

const openings = new WeakMap(); // how often each dialog was opened
const endings = new WeakMap(); // by dialog: what is to be done once it is closed

/** False if a dialog is open already. `content`: to be put in it before. */
export function open(dialog, content = null) {
  if (document.querySelector("dialog[open]")) return false;
  end(dialog);
  if (content) dialog.replaceChildren(content);
  openings.set(dialog, (openings.get(dialog) ?? 0) + 1);
  delete dialog.dataset.busy;
  const back = document.activeElement;
  const range = getSelection().rangeCount && back?.isContentEditable ? getSelection().getRangeAt(0).cloneRange() : null;
  dialog.returnValue = "";
  dialog.showModal();
  whenClosed(dialog, () => {
    if (!back?.isConnected || document.querySelector("dialog[open]") || movedOn(dialog, back)) return;
    back.focus({ preventScroll: true });
    // The caret goes back to its place in the text too.
    if (range && back.contains(range.startContainer)) {
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
  });
  return true;
}

/** `act()` once the dialog, which is open now, is closed. Its own event of closing comes a moment later, perhaps when it is
    open again: then this has been done before, and that time is not over. */
export function whenClosed(dialog, act) {
  if (!endings.has(dialog)) {
    endings.set(dialog, []);
    dialog.addEventListener("close", () => dialog.open || end(dialog));
  }
  endings.get(dialog).push(act);
}

/** Resolves when no dialog is open. */
export async function noDialog() {
  for (let dialog; (dialog = document.querySelector("dialog[open]")); ) await new Promise((done) => whenClosed(dialog, done));
}

function end(dialog) {
  for (const act of endings.get(dialog)?.splice(0) ?? []) act();
}

/* The browser gave the focus back at once, and a key that followed has moved it on since. */
function movedOn(dialog, back) {
  const here = document.activeElement;
  return here !== back && here !== document.body && !dialog.contains(here);
}

/** Close a dialog, and put the focus on `place()` instead of where it was. */
export function closeTo(dialog, place) {
  whenClosed(dialog, () => place()?.focus({ preventScroll: true }));
  dialog.close();
}

/** `send(here)`, but not a second time while the first is on its way. `here()`: the dialog has not been closed since, nor
    opened for something else. */
export async function once(dialog, send) {
  if (dialog.dataset.busy) return;
  dialog.dataset.busy = "yes";
  const opening = openings.get(dialog);
  const here = () => dialog.open && openings.get(dialog) === opening;
  try {
    await send(here);
  } finally {
    if (here()) delete dialog.dataset.busy;
  }
}

/* Enter that is held since before a dialog opened must not answer it, nor one that belongs to an input method. */
function strayEnter(event) {
  if (event.key !== "Enter" || !(event.repeat || composing(event)) || event.target.matches("textarea")) return;
  if (!document.querySelector("dialog[open]")) return;
  event.preventDefault();
  if (event.repeat) event.stopPropagation();
}

/** Call once per page: cancel buttons, clicks outside the dialog, and keys in lists of choices. */
export function startDialogs() {
  document.addEventListener("keydown", strayEnter, { capture: true });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
    // The second click of a double click on the button that opened it is none outside.
    else if (event.target.matches?.("dialog[open]") && event.detail < 2) event.target.close();
  });
  document.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const dialog = document.querySelector("dialog[open]");
    if (!dialog) return;
    if (mainModifier(event) && event.key === "Enter") {
      event.preventDefault();
      if (!event.repeat) dialog.querySelector("form")?.requestSubmit();
    }
    const list = dialog.querySelector("[data-choices]");
    // A select or text field beside the list has these keys for itself.
    if (list && !typing(event.target)) chooseByKey(list, event);
  });
}

function chooseByKey(list, event) {
  if (!bare(event)) return;
  const buttons = [...list.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    buttons[(at + step + buttons.length) % buttons.length].focus();
    return;
  }
  const chosen = buttons.find((button) => button.dataset.key === event.key);
  if (!chosen || event.repeat) return;
  event.preventDefault();
  chosen.click();
}

/** Open a dialog; resolves to the value of the [data-…] button that was chosen, or null. */
export function choose(id, attribute, current = null) {
  const dialog = document.getElementById(id);
  return new Promise((resolve) => {
    let value = null;
    const picked = (event) => {
      const button = event.target.closest(`[data-${attribute}]`);
      if (!button) return;
      value = button.dataset[attribute];
      dialog.close();
    };
    for (const button of dialog.querySelectorAll(`[data-${attribute}]`)) {
      button.setAttribute("aria-pressed", String(current !== null && button.dataset[attribute] === current));
    }
    if (!open(dialog)) return resolve(null);
    // Opened by a key with Ctrl: browsers would not show where the focus is.
    dialog.querySelector("[data-choices] button").focus({ focusVisible: true });
    dialog.addEventListener("click", picked);
    whenClosed(dialog, () => (dialog.removeEventListener("click", picked), resolve(value)));
  });
}
