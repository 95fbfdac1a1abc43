/* Agents on one ticket see each other; one whose socket died disappears. */
import assert from "node:assert/strict";
import test from "node:test";

import { Others, words } from "../../static/js/live/presence.js";

const jonas = { id: 2, name: "Jonas Brandt" };
const rosa = { id: 3, name: "Rosa Marchetti" };

test("members see others, not themselves", () => {
  const others = new Others("1");
  others.receive({ who: { id: 1, name: "Mira Lindqvist" }, state: "typing" }, 0);
  assert.equal(words(others.here(0)), "");
  others.receive({ who: jonas, state: "viewing" }, 0);
  assert.equal(words(others.here(0)), "Jonas Brandt is here");
});

test("if somebody types only they are named", () => {
  const others = new Others(1);
  others.receive({ who: jonas, state: "viewing" }, 0);
  others.receive({ who: rosa, state: "viewing" }, 0);
  assert.equal(words(others.here(0)), "Jonas Brandt and Rosa Marchetti are here");
  others.receive({ who: rosa, state: "typing" }, 1);
  assert.equal(words(others.here(1)), "Rosa Marchetti is typing");
});

test("who leaves is gone at once, who goes silent after ten seconds", () => {
  const others = new Others(1);
  others.receive({ who: jonas, state: "viewing" }, 0);
  others.receive({ who: rosa, state: "viewing" }, 0);
  others.receive({ who: jonas, state: "gone" }, 1);
  assert.equal(words(others.here(9000)), "Rosa Marchetti is here");
  assert.equal(words(others.here(10001)), "");
});
