/* The lines of a summary while a model writes it: quotes give way to what is written about the same message. */
import assert from "node:assert/strict";
import test from "node:test";

import { arrange, inOrder, key, merged } from "../../static/js/desk/summary_lines.js";

const quote = (about, text, ...messages) => ({ about, text, messages, written: false });
const written = (about, text, ...messages) => ({ about, text, messages, written: true });
const texts = (lines) => lines.map(({ text }) => text);

test("without a line that came, the quotes stay", () => {
  assert.deepEqual(texts(merged([quote("asked", "a", 1), quote("failed", "b", 3)], [])), ["a", "b"]);
});

test("a written line takes the place of the quotes of its message, in its section only", () => {
  const before = [quote("asked", "a", 1), quote("asked", "b", 5), quote("failed", "c", 5)];
  assert.deepEqual(texts(merged(before, [written("asked", "A", 1)])), ["A", "b", "c"]);
  assert.deepEqual(texts(merged(before, [written("asked", "B", 2, 5)])), ["a", "B", "c"]);
});

test("a quote that comes is there once, stays in its place and takes nothing away", () => {
  const before = [quote("asked", "a", 1), quote("asked", "b", 1)];
  assert.deepEqual(texts(merged(before, [quote("asked", "b", 1)])), ["a", "b"]);
  assert.deepEqual(texts(merged(before, [quote("asked", "a", 1)])), ["a", "b"]);
  assert.deepEqual(texts(merged(before, [quote("asked", "c", 1)])), ["a", "b", "c"]);
});

test("lines stand in the order of the messages, however they come", () => {
  const came = [written("tried", "second", 4), quote("tried", "first", 2)];
  assert.deepEqual(texts(inOrder(came)), ["first", "second"]);
  assert.deepEqual(texts(merged([quote("tried", "third", 6)], came)), ["first", "second", "third"]);
  assert.deepEqual(texts(came), ["second", "first"]);
});

/** As a list element, which tells what was done to it. */
function listOf(...names) {
  const done = [];
  const list = { children: names.map((name) => ({ name })), done };
  const out = (item) => (list.children = list.children.filter((each) => each !== item));
  const known = (item) => Object.assign(item, { remove: () => (done.push(`-${item.name}`), out(item)) });
  list.children.forEach(known);
  list.insertBefore = (item, next) => {
    done.push(`+${item.name}`);
    out(item);
    list.children.splice(next ? list.children.indexOf(next) : list.children.length, 0, known(item));
  };
  return list;
}

test("items that stay are not touched: only what differs goes and comes", () => {
  const list = listOf("a", "b", "c");
  const [a, , c] = list.children;
  arrange(list, [{ name: "x" }, a, { name: "y" }, c, { name: "z" }]);
  assert.deepEqual(list.children.map(({ name }) => name), ["x", "a", "y", "c", "z"]);
  assert.deepEqual(list.done, ["-b", "+x", "+y", "+z"]);
  arrange(list, list.children);
  assert.equal(list.done.length, 4);
  arrange(list, []);
  assert.deepEqual(list.children, []);
});

test("a line is another one if a model wrote it or if it leads elsewhere", () => {
  assert.equal(key(quote("asked", "a", 1, 2)), key(quote("asked", "a", 1, 2)));
  const keys = [quote("asked", "a", 1), written("asked", "a", 1), quote("asked", "a", 2), quote("asked", "b", 1)].map(key);
  assert.equal(new Set(keys).size, 4);
});
