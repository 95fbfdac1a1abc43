/* What was typed into the dialog "Forward" is kept until it is sent. */
import assert from "node:assert/strict";
import test from "node:test";

const made = {};
let full = false;
globalThis.localStorage = {
  getItem: (key) => made[key] ?? null,
  setItem: (key, value) => {
    if (full) throw new Error("full");
    made[key] = value;
  },
  removeItem: (key) => delete made[key],
};
const { drop, later, load, next, save, sent, undoneWaits } = await import("../../static/js/dialogs/forward_kept.js");

const EMPTY = { message: "4", recipients: { to: [], cc: [], bcc: [] }, typed: {}, text: "", files: ["1"], whole: false, submission: "a", unsure: false };

test("it is kept by member and ticket, and goes when it was sent", () => {
  save(1, "7", { ...EMPTY, text: "Have a look." });
  assert.equal(load(1, "7").text, "Have a look.");
  assert.ok(load(1, "7").at > 0); // kept.js deletes what is old
  assert.equal(load(1, "8"), null);
  assert.equal(load(2, "7"), null);
  drop(1, "7");
  assert.equal(load(1, "7"), null);
});

test("an address is kept, also one half typed; an empty form is not", () => {
  save(1, "7", { ...EMPTY, typed: { to: "kim@" } });
  assert.equal(load(1, "7").typed.to, "kim@");
  save(1, "7", { ...EMPTY, recipients: { ...EMPTY.recipients, bcc: [{ name: "", email: "kim@locks.example" }] } });
  assert.equal(load(1, "7").recipients.bcc.length, 1);
  save(1, "7", EMPTY);
  assert.equal(load(1, "7"), null);
});

test("forwards are not mixed: what comes back from sending is next, then what was typed", () => {
  const [typed, back] = [{ ...EMPTY, text: "typed", submission: "t" }, { ...EMPTY, text: "back", submission: "b", undone: true }];
  save(1, "9", typed);
  later(1, "9", back);
  assert.ok(undoneWaits(1, "9"));
  assert.equal(next(1, "9").text, "back");
  assert.ok(!undoneWaits(1, "9"));
  assert.equal(load(1, "9").text, "back");
  assert.equal(next(1, "9").text, "back"); // until it is sent
  drop(1, "9");
  assert.equal(next(1, "9").text, "typed");
  drop(1, "9");
  assert.equal(next(1, "9"), null);
  assert.deepEqual(Object.keys(made), []);
});

test("what may have been sent is settled before anything else", () => {
  save(1, "9", { ...EMPTY, text: "sent?", unsure: true });
  later(1, "9", { ...EMPTY, text: "back", undone: true });
  assert.equal(next(1, "9").text, "sent?");
  drop(1, "9");
  assert.equal(next(1, "9").text, "back");
  drop(1, "9");
});

test("what another window has made of it since stays when it was sent, as one of its own", () => {
  const form = { ...EMPTY, text: "One." };
  save(1, "9", { ...form, unsure: true });
  sent(1, "9", form);
  assert.equal(load(1, "9"), null);
  save(1, "9", { ...form, text: "Two." });
  sent(1, "9", form);
  assert.equal(load(1, "9").text, "Two.");
  assert.notEqual(load(1, "9").submission, form.submission);
  sent(1, "9", form);
  assert.equal(load(1, "9").text, "Two."); // another one
  drop(1, "9");
});

test("without storage this page still has it", () => {
  full = true;
  save(1, "7", { ...EMPTY, text: "Have a look." });
  assert.equal(load(1, "7").text, "Have a look.");
  drop(1, "7");
  assert.equal(load(1, "7"), null);
});
