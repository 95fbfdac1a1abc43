/* The check of the text in the composer: one request at a time, late answers dropped, sending never waits long. */
import assert from "node:assert/strict";
import test from "node:test";

import { Check, moved, PATIENCE, PAUSE, THOUGHT } from "../../static/js/composer/check.js";

const FINE = { findings: [], origins: "" };
const doc = (text) => ({ key: text, text });

/** A check whose clock and server the test moves. */
function checking() {
  const asked = [];
  const thought = [];
  let timers = [];
  const later = (run, after) => (timers.push({ run, after }), timers.at(-1));
  const stop = (timer) => (timers = timers.filter((each) => each !== timer));
  const answering = (list) => ({ text }) => new Promise((resolve, reject) => list.push({ text, resolve, reject }));
  let changes = 0;
  const check = new Check({ ask: answering(asked), askModel: answering(thought), changed: () => changes++, later, stop });
  const pass = (after) => {
    const due = timers.filter((each) => each.after <= after);
    timers = timers.filter((each) => each.after > after);
    for (const each of due) each.run();
  };
  const settle = () => new Promise(setImmediate);
  return { check, asked, thought, pass, settle, changes: () => changes };
}

test("it is asked when the agent pauses, and once for the same text", () => {
  const { check, asked, pass } = checking();
  check.look(doc("Hi"));
  check.look(doc("Hi T"));
  assert.equal(asked.length, 0);
  pass(PAUSE);
  check.look(doc("Hi T"));
  pass(PAUSE);
  assert.deepEqual(asked.map(({ text }) => text), ["Hi T"]);
});

test("an answer to an older text is dropped, and the newer text asked next", async () => {
  const { check, asked, pass, settle, changes } = checking();
  check.look(doc("Hi"));
  pass(PAUSE);
  check.look(doc("Hi Tomas"));
  pass(PAUSE);
  assert.equal(asked.length, 1); // one at a time
  asked[0].resolve({ findings: ["old"] });
  await settle();
  assert.equal(check.now, null);
  asked[1].resolve({ findings: ["new"], origins: "x" });
  await settle();
  assert.deepEqual(check.now.findings, ["new"]);
  assert.equal(changes(), 1);
});

test("sending has the answer at once if it is there, and asks at once if not", async () => {
  const { check, asked, settle } = checking();
  check.look(doc("Hi"));
  const ready = check.ready();
  assert.equal(asked.length, 1); // without the pause
  asked[0].resolve(FINE);
  assert.deepEqual((await ready).findings, []);
  assert.deepEqual((await check.ready()).findings, []);
  await settle();
  assert.equal(asked.length, 1);
});

test("sending goes on without an answer that is late or does not come", async () => {
  const { check, asked, pass } = checking();
  check.look(doc("Hi"));
  const late = check.ready();
  pass(PATIENCE);
  assert.equal(await late, null);
  const failing = check.ready();
  asked[0].reject(new Error("away"));
  assert.equal(await failing, null);
});

test("the model's doubts come later and only for the text as it is", async () => {
  const { check, asked, thought, pass, settle } = checking();
  check.look(doc("Hi"));
  pass(PAUSE);
  asked[0].resolve(FINE);
  await settle();
  pass(THOUGHT);
  check.look(doc("Hi Tomas"));
  thought[0].resolve({ findings: ["old doubt"] });
  await settle();
  assert.equal(check.now, null);
  pass(PAUSE);
  asked[1].resolve(FINE);
  await settle();
  pass(THOUGHT);
  thought[1].resolve({ findings: ["doubt"] });
  await settle();
  assert.deepEqual(check.now.doubts, ["doubt"]);
});

test("what was found stays underlined where nothing has changed, until there is a new answer", () => {
  const before = "Hi Lena, it takes 9 days.";
  const places = [{ start: 3, end: 7 }, { start: 18, end: 24 }, { start: 25, end: 25 }];
  const words = (after) => moved(places, before, after).map(({ start, end }) => after.slice(start, end));
  assert.deepEqual(words("Hi Lena, well, it takes 9 days."), ["Lena", "9 days", ""]);
  assert.deepEqual(words("Hi Lena, it takes 9 days. Bye"), ["Lena", "9 days", ""]);
  assert.deepEqual(words("Hi Tomas, it takes 9 days."), ["9 days", ""]);
});

test("without a text nothing is asked", async () => {
  const { check, asked, pass } = checking();
  check.look(doc("Hi"));
  check.look(null);
  pass(PAUSE);
  assert.equal(await check.ready(), null);
  assert.equal(asked.length, 0);
});
