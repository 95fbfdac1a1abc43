import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { whenSettled } from "../../static/js/desk/settling.js";

let coming = false; // is another ticket being loaded
let times = 0;

beforeEach(() => {
  coming = false;
  times = 0;
  globalThis.document = { querySelector: () => (coming ? {} : null) };
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

test("acts once, when the ticket has been open for a while", () => {
  whenSettled(() => times++);
  mock.timers.tick(1499);
  assert.equal(times, 0);
  mock.timers.tick(10_000);
  assert.equal(times, 1);
});

test("not while another ticket is coming, and after all if that one does not come", () => {
  whenSettled(() => times++);
  coming = true;
  mock.timers.tick(10_000);
  assert.equal(times, 0);
  coming = false;
  mock.timers.tick(1500);
  assert.equal(times, 1);
});

test("not at all when it was given up, also while another one was coming", () => {
  const giveUp = whenSettled(() => times++);
  coming = true;
  mock.timers.tick(2000);
  giveUp();
  coming = false;
  mock.timers.tick(10_000);
  assert.equal(times, 0);
});
