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
const { drop, load, save } = await import("../../static/js/dialogs/forward_kept.js");

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

test("without storage this page still has it", () => {
  full = true;
  save(1, "7", { ...EMPTY, text: "Have a look." });
  assert.equal(load(1, "7").text, "Have a look.");
  drop(1, "7");
  assert.equal(load(1, "7"), null);
});
