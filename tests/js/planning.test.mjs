/* What a live update does to rows that keep their places. */
import assert from "node:assert/strict";
import test from "node:test";

import { neighbour, news, still } from "../../static/js/queue/planning.js";

const plan = (shown, fresh, more = {}) => {
  const { gone, ...rest } = still({ shown: [...shown], fresh: [...fresh], ...more });
  return { gone: [...gone].join(""), ...rest };
};

test("what is the same waits for nothing", () => {
  assert.deepEqual(plan("abc", "abc"), { gone: "", added: 0, waits: false });
});

test("new rows wait wherever they belong", () => {
  assert.deepEqual(plan("abc", "xabyc"), { gone: "", added: 2, waits: true });
  assert.deepEqual(plan("abc", "abcz"), { gone: "", added: 1, waits: true });
});

test("rows that have left are named, and another order waits", () => {
  assert.deepEqual(plan("abc", "ac"), { gone: "b", added: 0, waits: true });
  assert.deepEqual(plan("abc", "acb"), { gone: "", added: 0, waits: true });
  assert.deepEqual(plan("abc", ""), { gone: "abc", added: 0, waits: true });
});

test("the row of the open ticket waits for nothing when it has left", () => {
  assert.deepEqual(plan("abc", "ac", { open: "b" }), { gone: "b", added: 0, waits: false });
  assert.deepEqual(plan("abc", "a", { open: "b" }), { gone: "bc", added: 0, waits: true });
});

const more = { more: true, freshMore: true };

test("a row that a new one has pushed behind “More” has not left the list", () => {
  assert.deepEqual(plan("abc", "xab", more), { gone: "", added: 1, waits: true });
  assert.deepEqual(plan("abcd", "xacd", more), { gone: "b", added: 1, waits: true });
  assert.deepEqual(plan("abc", "xab", { more: true }), { gone: "c", added: 1, waits: true }); // nothing is behind it
});

test("rows that come from behind “More” are not new", () => {
  assert.deepEqual(plan("abc", "acd", more), { gone: "b", added: 0, waits: true });
  assert.deepEqual(plan("abc", "abd", more), { gone: "c", added: 0, waits: true });
});

test("rows beyond the most that the server sends have not left", () => {
  assert.deepEqual(plan("abcdef", "abcd", more), { gone: "", added: 0, waits: false });
});

test("rows that had left before do not come back by that", () => {
  assert.deepEqual(plan("abcd", "abe", { ...more, left: ["c", "d"] }), { gone: "cd", added: 0, waits: true });
  assert.deepEqual(plan("abcd", "xab", { ...more, left: ["d"] }), { gone: "d", added: 1, waits: true });
  assert.deepEqual(plan("abcd", "abd", { ...more, left: ["c", "d"] }), { gone: "c", added: 0, waits: true });
});

test("the next ticket is one that is still in the list", () => {
  const rows = [["1"], ["2", true], ["3"], ["4", true]].map(([ticket, gone = false]) => ({ ticket, gone }));
  assert.equal(neighbour(rows, "1", 1), "3");
  assert.equal(neighbour(rows, "3", -1), "1");
  assert.equal(neighbour(rows, "2", 1), "3"); // it is open, and has just been closed
  assert.equal(neighbour(rows, "2", -1), "1");
  assert.equal(neighbour(rows, "3", 1), null);
  assert.equal(neighbour(rows, "1", -1), null);
  assert.equal(neighbour(rows, "null", 1), "1");
  assert.equal(neighbour(rows, "null", -1), "3");
  assert.equal(neighbour([], "null", 1), null);
});

test("new rows after the last known one came with More, if the list went on", () => {
  assert.deepEqual(news([..."abc"], [..."xabyc"], true), ["x", "y"]);
  assert.deepEqual(news([..."abc"], [..."xabz"], true), ["x"]);
  assert.deepEqual(news([..."abc"], [..."xabz"], false), ["x", "z"]);
  assert.deepEqual(news([], ["a"], false), ["a"]);
});
