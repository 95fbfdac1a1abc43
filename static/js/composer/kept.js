/* Typed text survives reloads and crashes: kept per member and ticket in this browser until it is sent. */

import * as addressed from "./addressed.js";
import { unsent } from "./written.js";

const DAYS = 60;

function key(user, ticket) {
  return `copydesk:text:${user}:${ticket}`;
}

export function load(user, ticket) {
  try {
    return JSON.parse(localStorage.getItem(key(user, ticket))) || {};
  } catch {
    return {};
  }
}

/** Keep `reply` ({text, marks, sources, prepared, revised, submission, recipients, typed}) and `note` ({text, submission}), if
    there is text in them. Kept also without text: `recipients`, those that the agent has chosen, and `typed`, the text in
    their fields. */
export function save(user, ticket, { reply, note }) {
  const kept = { at: Date.now() };
  if (reply.text.trim() || reply.recipients || Object.values(reply.typed ?? {}).some(Boolean)) kept.reply = reply;
  if (note.text.trim()) kept.note = note;
  try {
    if (kept.reply || kept.note) localStorage.setItem(key(user, ticket), JSON.stringify(kept));
    else localStorage.removeItem(key(user, ticket));
  } catch {
    /* storage is full or switched off: the text is still in the editor */
  }
}

/** A message of a ticket that is not open has arrived: keep only what was typed after it. */
export function arrived(user, { ticket, kind, doc, fields = {} }, answer) {
  const nothing = { text: "", marks: [] };
  const { reply = nothing, note = nothing } = load(user, ticket);
  const left = unsent(doc, { marks: [], ...(kind === "note" ? note : reply) }, answer);
  const recipients = addressed.unsent(fields.recipients && JSON.parse(fields.recipients), reply.recipients, answer);
  const fresh = { ...left, sources: reply.sources || [], prepared: null, submission: crypto.randomUUID(), recipients, typed: reply.typed };
  save(user, ticket, kind === "note" ? { reply, note: fresh } : { reply: fresh, note });
}

/** Delete texts that have not been touched for DAYS. */
export function tidy() {
  try {
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith("copydesk:text:"))) {
      const kept = JSON.parse(localStorage.getItem(name));
      if (!kept?.at || Date.now() - kept.at > DAYS * 86400000) localStorage.removeItem(name);
    }
  } catch {
    /* nothing to tidy */
  }
}
