/* The keys of an open menu. */
import assert from "node:assert/strict";
import test from "node:test";

import { place } from "../../static/js/queue/menu_keys.js";

const NAMES = ["All", " Closed", "Refunds", "Ärger", "Reports", "2 days"];
const to = (at, key) => NAMES[place(NAMES, at, key)]?.trim();

test("↓ and ↑ go round", () => {
  assert.equal(to(0, "ArrowDown"), "Closed");
  assert.equal(to(5, "ArrowDown"), "All");
  assert.equal(to(1, "ArrowUp"), "All");
  assert.equal(to(0, "ArrowUp"), "2 days");
});

test("from the button ↓ leads to the first item and ↑ to the last", () => {
  assert.equal(to(-1, "ArrowDown"), "All");
  assert.equal(to(-1, "ArrowUp"), "2 days");
});

test("Home and End", () => {
  assert.equal(to(3, "Home"), "All");
  assert.equal(to(-1, "End"), "2 days");
});

test("a letter leads to the next item that begins with it", () => {
  assert.equal(to(-1, "r"), "Refunds");
  assert.equal(to(2, "R"), "Reports");
  assert.equal(to(4, "r"), "Refunds");
  assert.equal(to(0, "ä"), "Ärger");
  assert.equal(to(0, "2"), "2 days");
});

test("a letter that begins none keeps the place, other keys are none of the menu", () => {
  assert.equal(place(NAMES, 2, "x"), -1);
  for (const key of ["Enter", " ", "Tab", "Escape", "/", "F5"]) assert.equal(place(NAMES, 2, key), null, key);
});
