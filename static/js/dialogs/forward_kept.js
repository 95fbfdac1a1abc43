/* What was typed into the dialog "Forward" is kept per member and ticket in this browser until it is sent: one form that the
   dialog shows, and others that wait. They are never mixed: each has its own recipients, and may have been sent. */

import * as kept from "./kept_form.js";

function key(user, ticket) {
  return `copydesk:text:${user}:${ticket}:forward`;
}

/** {message, recipients, typed, text, files, whole, submission, unsure}, or null. `unsure`: it may have been sent. */
export function load(user, ticket) {
  return kept.load(key(user, ticket));
}

/** Keep it, if somebody has typed something. */
export function save(user, ticket, form) {
  if (!form.unsure && isEmpty(form)) drop(user, ticket);
  else kept.save(key(user, ticket), form);
}

export function drop(user, ticket) {
  kept.drop(key(user, ticket));
}

/** This was sent. What another window has made of it since stays, as one of its own. */
export function sent(user, ticket, form) {
  const now = load(user, ticket);
  if (now?.submission !== form.submission) return;
  if (content(now) === content(form)) drop(user, ticket);
  else save(user, ticket, { ...now, submission: crypto.randomUUID(), unsure: false });
}

function content({ message, recipients, typed, text, files, whole }) {
  return JSON.stringify([message, recipients, typed, text, files, whole]);
}

/** Keep `form` beside the one that the dialog shows. `undone`: it comes back from sending. */
export function later(user, ticket, form) {
  wait(user, ticket, [...waiting(user, ticket), form]);
}

/** Does one wait that comes back from sending? */
export function undoneWaits(user, ticket) {
  return waiting(user, ticket).some((each) => each.undone);
}

/** What the dialog shows when it opens: what may have been sent, until that is settled; then what comes back from sending,
    what was typed last, and what waits. Only while the dialog is closed. */
export function next(user, ticket) {
  const now = load(user, ticket);
  const list = waiting(user, ticket);
  const undone = list.findIndex((each) => each.undone);
  if (now?.unsure || !list.length || (now && undone < 0)) return now;
  const [{ undone: _, ...form }] = list.splice(Math.max(undone, 0), 1);
  wait(user, ticket, now ? [...list, now] : list);
  save(user, ticket, form);
  return { ...form, waited: true };
}

function waiting(user, ticket) {
  return kept.load(`${key(user, ticket)}:waiting`)?.list ?? [];
}

function wait(user, ticket, list) {
  const name = `${key(user, ticket)}:waiting`;
  if (list.length) kept.save(name, { list });
  else kept.drop(name);
}

function isEmpty({ recipients, typed, text }) {
  return !text.trim() && !Object.values(recipients).flat().length && !Object.values(typed).some(Boolean);
}
