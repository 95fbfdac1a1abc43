/* A reply that cannot be delivered now is kept, tried again with the same submission id, and can be cancelled. */
import assert from "node:assert/strict";
import test from "node:test";

import { GIVE_UP, passing, pause, Sending } from "../../static/js/composer/sending.js";

class Desk {
  constructor(...answers) {
    this.answers = answers;
    this.got = [];
  }

  async post(url, fields) {
    this.got.push(fields.submission);
    const answer = this.answers.shift();
    if (typeof answer === "number") throw Object.assign(new Error("no"), { status: answer });
    return (await answer) ?? { message: 1 };
  }
}

function storage() {
  const made = {};
  const hidden = (name, value) => Object.defineProperty(made, name, { value, enumerable: false });
  hidden("getItem", (key) => made[key] ?? null);
  hidden("setItem", (key, value) => (made[key] = value));
  hidden("removeItem", (key) => delete made[key]);
  return made;
}

function sender(desk, { kept = storage(), now = () => 1000 } = {}) {
  const told = { arrived: [], refused: [], timers: [] };
  const sending = new Sending({
    user: 1,
    post: (...sent) => desk.post(...sent),
    arrived: (entry, answer) => told.arrived.push([entry, answer]),
    refused: (entry, error) => told.refused.push([entry, error]),
    changed: () => {},
    storage: kept,
    now,
    later: (run) => told.timers.push(run),
  });
  return { sending, told, kept };
}

const reply = { ticket: "5", kind: "reply", url: "/desk/5/reply", fields: { text: "Hi", submission: "a" } };
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("what arrives is reported once and forgotten", async () => {
  const { sending, told, kept } = sender(new Desk({ message: 9 }));
  await sending.start(reply);
  assert.equal(told.arrived[0][1].message, 9);
  assert.equal(sending.of("5", "reply"), undefined);
  assert.deepEqual(Object.keys(kept), []);
});

test("after errors and timeouts it is tried again with the same submission id", async () => {
  const desk = new Desk(500, 0, 503, { message: 9 });
  const { sending, told } = sender(desk);
  await sending.start(reply);
  for (const _ of "123") {
    assert.equal(sending.of("5", "reply").waiting, true);
    told.timers.shift()();
    await settle();
  }
  assert.deepEqual(desk.got, ["a", "a", "a", "a"]);
  assert.equal(told.arrived.length, 1);
  assert.equal(told.refused.length, 0);
});

test("what cannot succeed is not tried again", async () => {
  const { sending, told } = sender(new Desk(422));
  await sending.start(reply);
  assert.equal(told.refused[0][1].status, 422);
  assert.equal(told.timers.length, 0);
  for (const status of [400, 401, 403, 404, 409, 422]) assert.equal(passing(status), false, status);
  for (const status of [0, 408, 429, 500, 502, 503]) assert.equal(passing(status), true, status);
});

test("it can be cancelled while it waits", async () => {
  const desk = new Desk(500);
  const { sending, told, kept } = sender(desk);
  await sending.start(reply);
  assert.equal(sending.cancel("5", "reply").fields.text, "Hi");
  told.timers.shift()();
  await settle();
  assert.equal(desk.got.length, 1);
  assert.deepEqual(Object.keys(kept), []);
});

test("cancelled too late, it is reported as arrived", async () => {
  let answer;
  const { sending, told } = sender(new Desk(new Promise((resolve) => (answer = resolve))));
  const trying = sending.start(reply);
  sending.cancel("5", "reply");
  answer({ message: 9 });
  await trying;
  assert.deepEqual(told.arrived.map(([, { message }]) => message), [9]);
});

test("pressing Send twice sends once", async () => {
  let answer;
  const desk = new Desk(new Promise((resolve) => (answer = resolve)));
  const { sending } = sender(desk);
  const first = sending.start(reply);
  sending.start(reply);
  answer({});
  await first;
  assert.equal(desk.got.length, 1);
});

test("a reload continues, but not with an old one", async () => {
  const kept = storage();
  await sender(new Desk(0), { kept }).sending.start(reply);
  const desk = new Desk({ message: 9 });
  const { sending, told } = sender(desk, { kept });
  sending.resume();
  await settle();
  assert.deepEqual(desk.got, ["a"]);
  assert.equal(told.arrived.length, 1);

  await sender(new Desk(0), { kept }).sending.start(reply);
  const late = new Desk();
  sender(late, { kept, now: () => 2000 + GIVE_UP }).sending.resume();
  assert.deepEqual(late.got, []);
  assert.deepEqual(Object.keys(kept), []);
});

test("when the network is back it is tried at once", async () => {
  const desk = new Desk(0, { message: 9 });
  const { sending, told } = sender(desk);
  await sending.start(reply);
  sending.retryAll();
  await settle();
  assert.equal(told.arrived.length, 1);
  told.timers.shift()(); // the timer that was set before finds nothing to do
  await settle();
  assert.equal(desk.got.length, 2);
});

test("pauses grow up to ten seconds", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 50].map(pause), [1000, 2000, 4000, 8000, 10000, 10000]);
});
