/* When the queue is fetched again, with a false clock. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Soon } from "../../static/js/queue/soon.js";

let times = 0;
let takes = 0; // milliseconds of each fetch

beforeEach(() => {
  times = takes = 0;
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
});
afterEach(() => mock.timers.reset());

const fetching = () => new Promise((done) => (times++, setTimeout(done, takes)));
const made = (random = 0) => new Soon(fetching, { random: () => random, now: () => Date.now() });
/** Let the time pass in small steps, so that promises are kept on their way. */
async function pass(milliseconds, each = () => {}) {
  for (let passed = 0; passed < milliseconds; passed += 10) {
    mock.timers.tick(10);
    for (let turn = 0; turn < 5; turn++) await null;
    each(passed + 10);
  }
}

test("several events at once are one fetch", async () => {
  const soon = made();
  for (let event = 0; event < 5; event++) soon.ask();
  await pass(240);
  assert.equal(times, 0);
  await pass(20);
  assert.equal(times, 1);
  await pass(5000);
  assert.equal(times, 1);
});

test("a stream of events puts it off by a second at most", async () => {
  const soon = made();
  soon.ask();
  await pass(990, (now) => now % 50 || soon.ask());
  assert.equal(times, 0);
  await pass(20);
  assert.equal(times, 1);
  await pass(10_000, (now) => now % 50 || soon.ask());
  assert.ok(times >= 10, `${times} in eleven seconds`);
});

test("browsers do not ask at the same moment", async () => {
  const soon = made(0.9);
  soon.ask();
  await pass(470);
  assert.equal(times, 0);
  await pass(20);
  assert.equal(times, 1);
});

test("an event during a fetch is followed by another one", async () => {
  takes = 50;
  const soon = made();
  soon.ask();
  await pass(270);
  soon.ask();
  soon.ask();
  await pass(5000);
  assert.equal(times, 2);
});

test("a slow fetch is followed by a rest of four times as long", async () => {
  takes = 1000;
  const soon = made();
  soon.ask();
  await pass(1300);
  soon.ask();
  await pass(3900);
  assert.equal(times, 1);
  await pass(200);
  assert.equal(times, 2);
});

test("what the member has done is fetched at once, and nothing planned after it", async () => {
  const soon = made();
  soon.ask();
  soon.start();
  assert.equal(times, 1);
  await pass(5000);
  assert.equal(times, 1);
});

test("a fetch that fails does not end the others", async () => {
  const soon = made();
  soon.run = () => (times++, Promise.reject(Error("no")));
  await assert.rejects(soon.start());
  soon.ask();
  soon.run = fetching;
  await pass(300);
  assert.equal(times, 2);
});
