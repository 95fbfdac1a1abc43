/* Typed text survives everything: kept per person and ticket in this browser until it is sent. */

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

/** Keep `reply` ({text, marks, sources, prepared, submission}) and `note` ({text, submission}); nothing typed, nothing kept. */
export function save(user, ticket, { reply, note }) {
  const kept = { at: Date.now() };
  if (reply.text.trim()) kept.reply = reply;
  if (note.text.trim()) kept.note = note;
  try {
    if (kept.reply || kept.note) localStorage.setItem(key(user, ticket), JSON.stringify(kept));
    else localStorage.removeItem(key(user, ticket));
  } catch {
    /* storage is full or switched off: the text is still in the editor */
  }
}

/** What was sent has arrived while another ticket was open: only what was typed after it stays. */
export function arrived(user, { ticket, kind, doc }, answer) {
  const nothing = { text: "", marks: [] };
  const { reply = nothing, note = nothing } = load(user, ticket);
  const left = unsent(doc, { marks: [], ...(kind === "note" ? note : reply) }, answer);
  const fresh = { ...left, sources: reply.sources || [], prepared: null, submission: crypto.randomUUID() };
  save(user, ticket, kind === "note" ? { reply, note: fresh } : { reply: fresh, note });
}

/** Forget what was left behind long ago. */
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
