/* Files go to the server one after the other, whichever ticket is open; what fails waits for the agent. */
import assert from "node:assert/strict";
import test from "node:test";

import { mayPass, Uploading } from "../../static/js/composer/uploading.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));
const reply = { ticket: "5", url: "/desk/5/uploads", kind: "reply" };
const note = { ...reply, kind: "note" };
const file = (name) => ({ name });

/** An Uploading whose sends are answered by hand: `got` are the entries, `end[n](answer or Error)`. */
function uploader() {
  const told = { got: [], signals: [], end: [], changed: [], done: [], failed: [], unwanted: [] };
  const uploading = new Uploading({
    send: (entry, progress, signal) => {
      told.got.push(entry);
      told.signals.push(signal);
      return new Promise((resolve, reject) => told.end.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))));
    },
    changed: (ticket) => told.changed.push(ticket),
    done: (entry, answer) => told.done.push([entry.file.name, answer]),
    failed: (entry) => told.failed.push(entry.error.message),
    unwanted: (answer) => told.unwanted.push(answer),
  });
  return { uploading, told };
}

const failure = (status) => Object.assign(new Error(`status ${status}`), { status });

test("one at a time, in the order in which they were chosen", async () => {
  const { uploading, told } = uploader();
  uploading.add(reply, file("a"));
  uploading.add(note, file("b"));
  assert.deepEqual(told.got.map((each) => each.file.name), ["a"]);
  told.end[0]({ html: "A" });
  await settle();
  assert.deepEqual(told.got.map((each) => each.file.name), ["a", "b"]);
  assert.deepEqual(uploading.of("5").map((each) => each.file.name), ["b"]);
  told.end[1]({ html: "B" });
  await settle();
  assert.deepEqual(told.done, [["a", { html: "A" }], ["b", { html: "B" }]]);
  assert.equal(uploading.busy, false);
});

test("what fails stays, says why, and does not hold up the next", async () => {
  const { uploading, told } = uploader();
  uploading.add(reply, file("a"));
  uploading.add(reply, file("b"));
  told.end[0](failure(503));
  await settle();
  assert.deepEqual(told.failed, ["status 503"]);
  assert.equal(told.got.length, 2);
  told.end[1]({});
  await settle();
  const [left] = uploading.of("5");
  assert.equal(left.file.name, "a");
  assert.equal(uploading.busy, true); // it would be lost with the page
  uploading.retry(left.number);
  assert.equal(left.error, null);
  assert.equal(told.got[2].key, told.got[0].key); // so that the server keeps it once
  told.end[2]({});
  await settle();
  assert.deepEqual(uploading.of("5"), []);
});

test("only what may succeed later can be tried again", () => {
  for (const status of [0, 401, 403, 408, 429, 500, 503]) assert.equal(mayPass({ error: failure(status) }), true);
  for (const status of [404, 413, 422]) assert.equal(mayPass({ error: failure(status) }), false);
  assert.equal(mayPass({ error: null }), false);
});

test("a file that is refused before it is sent is never sent", async () => {
  const { uploading, told } = uploader();
  uploading.add(reply, file("huge"), failure(422));
  await settle();
  assert.deepEqual(told.got, []);
  assert.equal(uploading.of("5")[0].error.status, 422);
  assert.equal(uploading.busy, false);
});

test("one that is taken out while it is sent is stopped, and nobody hears of it again", async () => {
  const { uploading, told } = uploader();
  uploading.add(reply, file("a"));
  uploading.add(reply, file("b"));
  uploading.drop(told.got[0].number);
  assert.equal(told.signals[0].aborted, true);
  told.end[0](failure(0));
  await settle();
  assert.deepEqual(told.failed, []);
  assert.deepEqual(told.got.map((each) => each.file.name), ["a", "b"]);
});

test("one that is taken out when the server may have it already is taken out there", async () => {
  const { uploading, told } = uploader();
  uploading.add(reply, file("a"));
  uploading.progress(told.got[0], 1);
  uploading.drop(told.got[0].number);
  assert.equal(told.signals[0].aborted, false);
  assert.deepEqual(uploading.of("5"), []);
  told.end[0]({ upload: 7 });
  await settle();
  assert.deepEqual([told.unwanted, told.done], [[{ upload: 7 }], []]);
});

test("every file has a key of its own", () => {
  const { uploading } = uploader();
  uploading.add(reply, file("a"));
  uploading.add(reply, file("a"));
  const [one, other] = uploading.of("5");
  assert.notEqual(one.key, other.key);
});

test("of one ticket, and of one tab", () => {
  const { uploading } = uploader();
  uploading.add(reply, file("a"));
  uploading.add(note, file("b"));
  uploading.add({ ...reply, ticket: "6" }, file("c"));
  assert.deepEqual(uploading.of("5", "note").map((each) => each.file.name), ["b"]);
  assert.deepEqual(uploading.of("6").map((each) => each.file.name), ["c"]);
  assert.equal(uploading.busy, true);
});

test("progress is told", () => {
  const { uploading, told } = uploader();
  uploading.add(reply, file("a"));
  uploading.progress(told.got[0], 0.5);
  assert.equal(uploading.of("5")[0].share, 0.5);
  assert.equal(told.changed.at(-1), "5");
});
