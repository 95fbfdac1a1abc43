/* Dialogs whose content is fetched. They open at once, so that what is pressed meanwhile goes nowhere else: the focus is
   on the title. */

import { getHtml } from "../page/http.js";
import { showMacKeys } from "../page/keyboard.js";
import { failed } from "../page/toast.js";
import { open, whenClosed } from "./dialog.js";

/** Opens `dialog` with `title` and puts in it what `url` answers. True when that is there; false if a dialog was open
    already, if this one was closed before, or if it failed, which is said, with `again()` to try once more. `place()`:
    for the focus in the end, if what had it before is gone. `gone`: what to say if there is no such thing any more. */
export async function openFetched(dialog, { title, url, again, place, gone }) {
  if (!open(dialog, waiting(dialog, title))) return false;
  dialog.querySelector("h2").focus();
  const { signal } = untilClosed(dialog, place);
  try {
    const html = await getHtml(url, signal);
    if (signal.aborted) return false;
    dialog.innerHTML = html;
  } catch (error) {
    if (signal.aborted) return false;
    dialog.close();
    const isGone = error.status === 404;
    failed(isGone && gone ? { ...error, message: gone } : error, isGone ? null : again);
    return false;
  }
  showMacKeys(dialog);
  return true;
}

/* Aborted when the dialog closes. */
function untilClosed(dialog, place) {
  const leaving = new AbortController();
  whenClosed(dialog, () => {
    leaving.abort();
    dialog.replaceChildren();
    if (document.activeElement === document.body) place()?.focus({ preventScroll: true });
  });
  return leaving;
}

/* The same as while an escalation is prepared, under another title. */
function waiting(dialog, title) {
  const content = document.getElementById("escalate-loading").content.cloneNode(true);
  const heading = content.querySelector("h2");
  heading.id = dialog.getAttribute("aria-labelledby");
  heading.textContent = title;
  heading.tabIndex = -1;
  return content;
}
