/* What a click on the desk does: the first rule that matches. */

import { showPicture } from "../dialogs/picture.js";
import { closeExcerpt, toggleSource } from "../draft/excerpt.js";
import { showAs, toggleQuoted } from "./mail_view.js";

// Where the data-do of a button is not the name of its action.
const NAMED = { "cancel-sending": "cancelSending" };

const BUTTONS = [
  ["[data-do]:not([aria-disabled='true'])", ({ dataset }, { actions }, event) => actions[NAMED[dataset.do] ?? dataset.do](event)],
  ["[data-bulk]", ({ dataset }, { bulk }) => bulk[dataset.bulk]()],
  ["[data-select]", (box, { bulk }, event) => bulk.ticked(box, event.shiftKey)],
  ["[data-judge]", (button, { actions }, event) => actions.judge(event)],
  ["[data-show]", (button) => showAs(button)],
  ["[data-whole]", (button) => toggleQuoted(button)],
  ["img[data-picture]", (picture) => showPicture(picture)],
  ["[data-back]", (button, { router }) => router.back()],
  ["[data-open-help]", (button, { actions }) => actions.help()],
  ["[data-close-excerpt]", () => closeExcerpt()],
  ["[data-excerpt]", (button) => toggleSource(button)],
  ["[data-undo-send]", ({ dataset }, { ticket }) => ticket.deliveries.undo(dataset.undoSend, ticket.number)],
];
/* With a modifier key the browser opens them in a new tab or window. */
const LINKS = [
  ["a[data-open]", ({ dataset }, { router }) => router.open(dataset.open)],
  ["#found a", (link, { router, search }) => router.goToView(search.back)],
  ["a[data-queue]", ({ search }, { router }) => router.goToView(search)],
  ["a[data-picture]", (link) => showPicture(link)],
];
/* Links in messages open in a new tab, which learns nothing about this page. */
const OUTSIDE = [
  [".message-body a[href]:not([download])", ({ href }) => window.open(href, "_blank", "noopener,noreferrer")],
];

export function listenToClicks(desk) {
  document.addEventListener("click", (event) => {
    if (follow(BUTTONS, event, desk)) return;
    if ((isPlain(event) && follow(LINKS, event, desk)) || follow(OUTSIDE, event, desk)) event.preventDefault();
  });
}

function isPlain(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

function follow(rules, event, desk) {
  for (const [selector, run] of rules) {
    const element = event.target.closest(selector);
    if (!element) continue;
    run(element, desk, event);
    return true;
  }
  return false;
}
