/* Pure: which key does what, and where. The list under "?" is made of this table, so that it cannot be wrong. */

/* `now`: {ticket: one is open and none is on its way, dialog: one is open, typing: in a text field, composer: in that one}. */
const always = () => true;
const ticket = (now) => now.ticket;
const noDialog = (now) => !now.dialog;
const ticketOnly = (now) => now.ticket && !now.dialog;
/* Sending works from the composer and from where no text field has the focus. */
const maySend = (now) => ticketOnly(now) && (!now.typing || now.composer);

/** `does` is a method of Actions. Keys with `mod` work while one types, single letters do not (page/keyboard.js). */
export const KEYS = [
  { group: "Answer", key: "Enter", mod: true, label: "Send, with the draft if untouched", when: maySend, does: "send" },
  { group: "Answer", key: "r", label: "Reply", when: ticket, does: "reply" },
  { group: "Answer", key: "n", label: "Internal note", when: ticket, does: "note" },
  { group: "Answer", key: "e", mod: true, label: "Hand to a team", when: ticketOnly, does: "handOver" },
  { group: "Answer", key: "d", mod: true, label: "Close and tag", when: ticketOnly, does: "close" },
  { group: "Draft", key: "i", label: "Insert the waiting draft", when: ticket, does: "insert" },
  { group: "Draft", key: "g", label: "Write again", when: ticket, does: "again" },
  { group: "Draft", key: "x", label: "Reject", when: ticket, does: "reject" },
  { group: "Queue", key: "j", label: "Next ticket", repeat: true, when: always, does: "next" },
  { group: "Queue", key: "k", label: "Previous ticket", repeat: true, when: always, does: "previous" },
  { group: "Queue", key: "o", label: "Open, or go to the conversation", when: always, does: "openFocused" },
  { group: "Queue", key: "a", label: "Assign", when: ticket, does: "assign" },
  { group: "Everywhere", key: "/", label: "Search; ↓ goes to the list, Esc clears", when: always, does: "search" },
  { group: "Everywhere", key: "z", label: "Undo what was just done", when: always, does: "undo" },
  { group: "Everywhere", key: "?", label: "This list", when: always, does: "help" },
  { group: "Everywhere", key: "Escape", label: "Stop the draft, close, leave the text", when: noDialog, does: "escape" },
];

/** The table with what is done and asked behind each key, for page/keyboard.js. */
export function bound(keys, actions, now) {
  return keys.map((each) => ({
    ...each,
    when: (event) => each.when(now(event)),
    run: (event) => actions[each.does](event),
  }));
}

/** What Escape does: the first of these that applies; "" for nothing. What lies on top of the page closes first. */
export function escapes({ searching, excerpt, drawer, going, writing, typing }) {
  if (searching) return "leaveSearch";
  if (excerpt) return "closeExcerpt";
  if (drawer) return "closeDrawer";
  if (going) return "callBack";
  if (writing) return "stop";
  return typing ? "leaveText" : "";
}
