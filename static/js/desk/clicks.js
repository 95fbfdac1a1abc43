/* What a click on the desk does: the first rule that fits. */

import { closeExcerpt, toggleSource } from "../draft/excerpt.js";

// The buttons' data-do, where it is not the action's own name.
const NAMED = { "call-back": "callBack", "hand-over": "handOver" };

const BUTTONS = [
  ["[data-do]:not([aria-disabled='true'])", ({ dataset }, { actions }, event) => actions[NAMED[dataset.do] ?? dataset.do](event)],
  ["[data-back]", (button, { router }) => router.back()],
  ["[data-open-help]", (button, { actions }) => actions.help()],
  ["[data-close-excerpt]", () => closeExcerpt()],
  ["[data-excerpt]", (button) => toggleSource(button)],
  ["[data-undo-send]", ({ dataset }, { ticket }) => ticket.deliveries.undo(dataset.undoSend, ticket.number)],
];
/* With a modifier they are the browser's: a new tab, a new window. */
const LINKS = [
  ["a[data-open]", ({ dataset }, { router }) => router.open(dataset.open)],
  ["a[data-view]", ({ dataset }, { router }) => router.goToView(`?view=${dataset.view}`)],
  ["#found a", (link, { router }) => router.goToView("")],
];
/* What a customer links to opens beside the desk, and learns nothing about it. */
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
