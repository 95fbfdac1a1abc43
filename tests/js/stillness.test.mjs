/* How long the rows of the queue keep their places, with a false clock. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { IDLE, REST, Stillness } from "../../static/js/queue/stillness.js";

let focus = false;
let changes = 0;

beforeEach(() => {
  focus = false;
  changes = 0;
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

const made = () => new Stillness({ focused: () => focus, changed: () => changes++ });

test("a pointer holds the rows until it has been away for a moment", () => {
  const still = made();
  assert.equal(still.held, false);
  still.pointer(true);
  still.pointer(false);
  mock.timers.tick(REST - 1);
  assert.equal(still.held, true);
  still.pointer(true); // it only crossed the border
  mock.timers.tick(REST);
  assert.equal(still.held, true);
  still.pointer(false);
  mock.timers.tick(REST);
  assert.equal(still.held, false);
  assert.equal(changes, 1);
});

test("a pointer that rests holds nothing after a while, and holds again when it moves", () => {
  const still = made();
  still.pointer(true);
  mock.timers.tick(IDLE - 1);
  still.pointer(true);
  mock.timers.tick(IDLE - 1);
  assert.equal(still.held, true);
  mock.timers.tick(1);
  assert.equal(still.held, false);
  assert.equal(changes, 1);
  still.pointer(true);
  assert.equal(still.held, true);
});

test("a pointer that goes elsewhere holds nothing", () => {
  const still = made();
  still.pointer(false);
  assert.equal(still.held, false);
});

test("the focus holds the rows also when the pointer leaves, until it goes or no key is pressed for long", () => {
  const still = made();
  still.pointer(true);
  focus = true;
  still.used();
  still.pointer(false);
  mock.timers.tick(IDLE - 1);
  still.used();
  mock.timers.tick(IDLE - 1);
  assert.equal(still.held, true);
  mock.timers.tick(1);
  assert.equal(still.held, false);
  still.used();
  focus = false;
  still.unfocused();
  mock.timers.tick(REST);
  assert.equal(still.held, false);
});

test("what is pressed does not change, however long, nor before its click has come", () => {
  const still = made();
  still.press();
  mock.timers.tick(10 * IDLE);
  assert.deepEqual([still.held, still.frozen, changes], [true, true, 0]);
  still.lift();
  assert.equal(still.frozen, true);
  mock.timers.tick(REST);
  assert.equal(still.frozen, false);
  assert.ok(changes > 0); // what has come meanwhile is shown
});

test("a second press begins before the first one has ended", () => {
  const still = made();
  still.press();
  still.lift();
  still.press();
  mock.timers.tick(REST);
  assert.equal(still.frozen, true);
});

test("another list knows nothing of a press in the last one", () => {
  const still = made();
  still.press();
  still.forget();
  assert.equal(still.frozen, false);
  mock.timers.tick(REST);
  assert.equal(still.held, false);
});
