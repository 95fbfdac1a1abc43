/* The button over the rows takes no click that is meant for a row. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { DEAF, NewRows } from "../../static/js/queue/new_rows.js";

let button = null;

beforeEach(() => {
  button = { hidden: true, inert: false, textContent: "" };
  // As in a page: what is hidden has no place.
  button.getBoundingClientRect = () => (button.hidden ? { left: 0, right: 0, top: 0, bottom: 0 } : { left: 10, right: 30, top: 10, bottom: 20 });
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

const made = (left) => new NewRows({ element: () => button, left });
const OVER = { x: 20, y: 15 };
const BESIDE = { x: 20, y: 40 };

test("it appears at once, but takes no click in its first moments", () => {
  const news = made();
  news.pointer(BESIDE);
  news.say("1 new");
  assert.deepEqual([button.hidden, button.inert, button.textContent], [false, true, "1 new"]);
  mock.timers.tick(DEAF - 1);
  news.say("2 new");
  assert.equal(button.inert, true);
  mock.timers.tick(1);
  assert.deepEqual([button.hidden, button.inert, button.textContent], [false, false, "2 new"]);
});

test("it does not appear under the pointer, but when that has gone elsewhere", () => {
  const news = made();
  news.pointer(OVER);
  news.say("1 new");
  mock.timers.tick(DEAF);
  assert.equal(button.hidden, true);
  news.pointer(BESIDE);
  assert.deepEqual([button.hidden, button.inert], [false, true]);
  mock.timers.tick(DEAF);
  assert.equal(button.inert, false);
});

test("it does not vanish under the pointer by itself", () => {
  const news = made();
  news.say("1 new");
  news.pointer(OVER);
  news.say("");
  assert.equal(button.hidden, false);
  news.pointer(null);
  assert.equal(button.hidden, true);
});

test("once clicked it is gone, and an old timer changes nothing of the next one", () => {
  const news = made();
  news.say("1 new");
  news.pointer(OVER);
  news.hide();
  assert.deepEqual([button.hidden, button.inert, button.textContent], [true, false, ""]);
  news.pointer(BESIDE);
  assert.equal(button.hidden, true);
  mock.timers.tick(DEAF - 1);
  news.say("1 new");
  mock.timers.tick(1);
  assert.equal(button.inert, true);
});

test("hidden while it has the focus, it says so, and only then", () => {
  let times = 0;
  const news = made(() => (times += 1));
  news.say("1 new");
  button.ownerDocument = { activeElement: null };
  news.hide();
  assert.equal(times, 0);
  news.say("1 new");
  button.ownerDocument.activeElement = button;
  news.say("");
  assert.deepEqual([times, button.hidden], [1, true]);
});
