/* Pure: to whom a reply goes, {to, cc, bcc}, each [{name, email}]. */

import { called, folded } from "../page/mail_addresses.js";
import { gettext } from "../page/texts.js";

export const KINDS = ["to", "cc", "bcc"];
const NAMES = 2; // of each kind in the short line

/** Everybody, in order. */
export function everybody(addressed) {
  return KINDS.flatMap((kind) => addressed[kind]);
}

export function includes(people, { email }) {
  return people.some((each) => folded(each.email) === folded(email));
}

/** The same people in the same places? Their order and names do not count. */
export function same(one, other) {
  const of = (addressed) => JSON.stringify(KINDS.map((kind) => addressed[kind].map(({ email }) => folded(email)).sort()));
  return of(one) === of(other);
}

export function only(person) {
  return { to: [person], cc: [], bcc: [] };
}

/** `kind` was changed: whoever is in it is in no other. The customer stays in To. */
export function settled(addressed, kind, customer) {
  const others = (each, people) => (each === kind ? people : people.filter((one) => !includes(addressed[kind], one)));
  const made = Object.fromEntries(KINDS.map((each) => [each, others(each, addressed[each])]));
  for (const each of ["cc", "bcc"]) made[each] = made[each].filter((one) => !includes([customer], one));
  if (!includes(made.to, customer)) made.to = [customer, ...made.to];
  return made;
}

/** `addressed`, and of `more` those that are not in it. */
export function together(addressed, more) {
  const there = everybody(addressed);
  return Object.fromEntries(KINDS.map((kind) => [kind, [...addressed[kind], ...more[kind].filter((each) => !includes(there, each))]]));
}

/** What stays chosen after a reply to `sent` has arrived: what was changed since, else nothing (null). `same` false: an
    earlier try has arrived, so this one is still to be sent. */
export function unsent(sent, now, answer) {
  if (!now || (answer.same !== false && sent && same(sent, now))) return null;
  return now;
}

/** "To Tomas Okafor · Cc Anna Berg, Ben Miller +2" */
export function short(addressed) {
  return line(addressed, (people) => {
    const names = people.slice(0, NAMES).map(called).join(", ");
    return people.length > NAMES ? `${names} +${people.length - NAMES}` : names;
  });
}

/** All of them, with their addresses. */
export function long(addressed) {
  return line(addressed, (people) => people.map(({ name, email }) => (name ? `${name} <${email}>` : email)).join(", "));
}

/** All of them by name, to be read out. */
export function spoken(addressed) {
  return line(addressed, (people) => people.map(called).join(", "));
}

function line({ to, cc, bcc }, names) {
  return [
    gettext("To %(names)s", { names: names(to) }),
    cc.length ? gettext("Cc %(names)s", { names: names(cc) }) : "",
    bcc.length ? gettext("Bcc %(names)s", { names: names(bcc) }) : "",
  ].filter(Boolean).join(" · ");
}
