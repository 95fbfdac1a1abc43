/* Pure: which key does what, and when. The list under "?" is made from this table. */

import { gettext } from "../page/texts.js";

/* `now`: {ticket: one is open and no other is loading, dialog: one is open, typing: in any text field, composer: in the
   composer, selected: tickets of the queue are}. */
const always = () => true;
const ticket = (now) => now.ticket;
const noDialog = (now) => !now.dialog;
const ticketOnly = (now) => now.ticket && !now.dialog;
const acts = (now) => Boolean(actsOn(now));
/* Sending and revising work in the composer, and when no text field has the focus. */
const maySend = (now) => ticketOnly(now) && (!now.typing || now.composer);

const REPLY = gettext("Reply");
const JUDGE = gettext("Judge an escalation");
const DRAFT = gettext("Draft");
const QUEUE = gettext("Queue");
const EVERYWHERE = gettext("Everywhere");

/** `does` is a method of Actions. Keys with `mod` work while typing, single keys do not (page/keyboard.js). */
export const KEYS = [
  { group: REPLY, key: "Enter", mod: true, label: gettext("Send the reply, or the unchanged draft"), when: maySend, does: "send" },
  { group: REPLY, key: "r", label: gettext("Reply"), when: ticket, does: "reply" },
  { group: REPLY, key: "n", label: gettext("Internal note"), when: ticket, does: "note" },
  { group: REPLY, key: "l", label: gettext("Reply to all, or only to the customer"), when: ticket, does: "replyAll" },
  { group: REPLY, key: "y", label: gettext("Cc and Bcc"), when: ticket, does: "copies" },
  { group: REPLY, key: "u", label: gettext("Attach files"), when: ticket, does: "attach" },
  { group: REPLY, key: "m", label: gettext("Forward a message"), when: ticket, does: "forward" },
  { group: REPLY, key: "e", mod: true, label: gettext("Escalate to a team, after a preview"), when: ticketOnly, does: "escalate" },
  { group: REPLY, key: "t", label: gettext("Transfer to team"), when: acts, does: "transfer" },
  { group: REPLY, key: "d", mod: true, label: gettext("Close and tag"), when: (now) => noDialog(now) && acts(now), does: "close" },
  { group: REPLY, key: "b", label: gettext("Snooze"), when: acts, does: "snooze" },
  { group: JUDGE, key: "1", label: gettext("Justified"), when: ticket, does: "judge" },
  { group: JUDGE, key: "2", label: gettext("Not needed"), when: ticket, does: "judge" },
  { group: JUDGE, key: "3", label: gettext("Wrong team"), when: ticket, does: "judge" },
  { group: DRAFT, key: "i", label: gettext("Insert the draft"), when: ticket, does: "insert" },
  { group: DRAFT, key: "g", label: gettext("Regenerate"), when: ticket, does: "regenerate" },
  { group: DRAFT, key: "i", mod: true, label: gettext("Revise the text: shorter, warmer, translate …"), when: maySend, does: "revise" },
  { group: DRAFT, key: "d", label: gettext("Reject"), when: ticket, does: "reject" },
  { group: QUEUE, key: "j", label: gettext("Next ticket"), repeat: true, when: always, does: "next" },
  { group: QUEUE, key: "k", label: gettext("Previous ticket"), repeat: true, when: always, does: "previous" },
  { group: QUEUE, key: "o", label: gettext("Open ticket, or go to its messages"), when: always, does: "openFocused" },
  { group: QUEUE, key: "f", label: gettext("Filter the queue"), when: always, does: "filter" },
  { group: QUEUE, key: "v", label: gettext("Choose a view"), when: always, does: "views" },
  { group: QUEUE, key: "x", label: gettext("Select or deselect (Shift+click: a range)"), when: always, does: "select" },
  { group: QUEUE, key: ".", label: gettext("Actions on what is selected"), when: always, does: "bulkMenu" },
  { group: QUEUE, key: "a", label: gettext("Assign"), when: acts, does: "assign" },
  { group: QUEUE, key: "p", label: gettext("Priority"), when: acts, does: "priority" },
  { group: QUEUE, key: "#", label: gettext("Tags"), when: acts, does: "tags" },
  { group: QUEUE, key: "c", label: gettext("Correct the triage"), when: ticket, does: "correct" },
  { group: EVERYWHERE, key: "w", label: gettext("New ticket"), when: always, does: "newTicket" },
  { group: EVERYWHERE, key: "/", label: gettext("Search (↓ moves to the results, Esc clears)"), when: always, does: "search" },
  { group: EVERYWHERE, key: "z", label: gettext("Undo the last action"), when: always, does: "undo" },
  { group: EVERYWHERE, key: "?", label: gettext("Show this list"), when: always, does: "help" },
  { group: EVERYWHERE, key: "Escape", label: gettext("Stop the draft, close what is open, leave the text field, clear the selection"), when: noDialog, does: "escape" },
];

/** The table with functions instead of names, for page/keyboard.js. */
export function bound(keys, actions, now) {
  return keys.map((each) => ({
    ...each,
    when: (event) => each.when(now(event)),
    run: (event) => actions[each.does](event),
  }));
}

/** What the key of an action on tickets means: the "selection", which the queue shows, or the open "ticket"; in the composer
    always the ticket. "" for neither. */
export function actsOn({ selected, composer, ticket: open }) {
  if (selected && !composer) return "selection";
  return open ? "ticket" : "";
}

/** What Escape does: the first of these that applies, "" for nothing. What is on top of the page closes first. */
export function escapes({ searching, excerpt, drawer, retrying, writing, typing, selected }) {
  if (searching) return "leaveSearch";
  if (excerpt) return "closeExcerpt";
  if (drawer) return "closeDrawer";
  if (retrying) return "cancelSending";
  if (writing) return "stop";
  // After leaving a text: whoever writes a reply does not lose the selection with the same key.
  if (typing) return "leaveText";
  return selected ? "clearSelection" : "";
}
