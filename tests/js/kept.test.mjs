/* Kept text of a ticket that is not open: what has arrived goes, everything else stays. */
import assert from "node:assert/strict";
import test from "node:test";

const made = {};
globalThis.localStorage = {
  getItem: (key) => made[key] ?? null,
  setItem: (key, value) => (made[key] = value),
  removeItem: (key) => delete made[key],
};
const { arrived, load, save } = await import("../../static/js/composer/kept.js");

const nothing = { text: "", marks: [] };
const typed = (text) => save(1, "7", { reply: { text, marks: [], sources: [], prepared: null, submission: "a" }, note: nothing });
const entry = (text) => ({ ticket: "7", kind: "reply", doc: { text, marks: [] } });

test("what has arrived is gone", () => {
  typed("The refund is 30 EUR.");
  arrived(1, entry("The refund is 30 EUR."), { message: 9 });
  assert.equal(load(1, "7").reply, undefined);
});

test("what was typed after it stays", () => {
  typed("The refund is 30 EUR. One thing more");
  arrived(1, entry("The refund is 30 EUR."), { message: 9, same: true });
  assert.equal(load(1, "7").reply.text, "One thing more");
});

test("an earlier version had arrived: the changed text stays, under a new submission", () => {
  typed("The refund is 40 EUR.");
  arrived(1, entry("The refund is 40 EUR."), { message: 9, same: false });
  assert.equal(load(1, "7").reply.text, "The refund is 40 EUR.");
  assert.notEqual(load(1, "7").reply.submission, "a");
});

const ben = { name: "Ben Miller", email: "ben@berg.example" };
const vera = { name: "Vera Holm", email: "vera@holm.example" };
const chosen = { to: [vera], cc: [ben], bcc: [] };
const choose = (recipients, text = "") => save(1, "7", { reply: { text, marks: [], submission: "a", recipients }, note: nothing });

test("chosen recipients are kept, also without a text; the default ones are not", () => {
  choose(chosen);
  assert.deepEqual(load(1, "7").reply.recipients, chosen);
  choose(null);
  assert.equal(load(1, "7").reply, undefined);
});

test("recipients of a reply that has arrived go with it", () => {
  choose(chosen, "The refund is 30 EUR.");
  arrived(1, { ...entry("The refund is 30 EUR."), fields: { recipients: JSON.stringify(chosen) } }, { message: 9 });
  assert.equal(load(1, "7").reply, undefined);
});

test("recipients chosen since, or of a text that has not arrived, stay", () => {
  const sent = JSON.stringify({ to: [vera], cc: [], bcc: [] });
  choose(chosen, "The refund is 30 EUR.");
  arrived(1, { ...entry("The refund is 30 EUR."), fields: { recipients: sent } }, { message: 9 });
  assert.deepEqual(load(1, "7").reply.recipients, chosen);
  choose(chosen, "The refund is 40 EUR.");
  arrived(1, { ...entry("The refund is 40 EUR."), fields: { recipients: JSON.stringify(chosen) } }, { message: 9, same: false });
  assert.deepEqual(load(1, "7").reply.recipients, chosen);
});

test("half an address is kept, also without a text, and stays when a reply has arrived", () => {
  const typed = { to: "", cc: "ben@", bcc: "" };
  const keep = (text, typed) => save(1, "7", { reply: { text, marks: [], submission: "a", recipients: null, typed }, note: nothing });
  keep("", typed);
  assert.deepEqual(load(1, "7").reply.typed, typed);
  keep("", { to: "", cc: "", bcc: "" });
  assert.equal(load(1, "7").reply, undefined);
  keep("The refund is 30 EUR.", typed);
  arrived(1, entry("The refund is 30 EUR."), { message: 9 });
  assert.deepEqual(load(1, "7").reply.typed, typed);
});
