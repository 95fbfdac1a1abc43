/* Which changes of a view are this member's own, and so no news. */
import assert from "node:assert/strict";
import test from "node:test";

import { OwnChange } from "../../static/js/queue/own_change.js";

test("a list that comes while the change is sent, or after it, is the member's own", async () => {
  const own = new OwnChange();
  const sent = own.during("saved-3", async () => {
    own.asked()(); // asked for before the change was saved: another list may still come
    assert.ok(own.isOf("saved-3"));
    return "answer";
  });
  assert.equal(await sent, "answer");
  assert.ok(own.isOf("saved-3"));
  assert.ok(!own.isOf("saved-4"));
});

test("once rows are shown that were asked for after it, a further change is somebody else's", async () => {
  const own = new OwnChange();
  await own.during("saved-3", async () => {});
  const givenUp = own.asked();
  const shown = own.asked();
  assert.ok(givenUp && own.isOf("saved-3")); // a request whose rows are not shown changes nothing
  shown();
  assert.ok(!own.isOf("saved-3"));
});

test("a request from before the change does not end it", async () => {
  const own = new OwnChange();
  const shown = own.asked();
  await own.during("saved-3", async () => {});
  shown();
  assert.ok(own.isOf("saved-3"));
});

test("a change that fails is none, but one that is known to be another's is told only once", async () => {
  const own = new OwnChange();
  await assert.rejects(own.during("saved-3", () => Promise.reject(new Error("no"))), /no/);
  assert.ok(!own.isOf("saved-3"));
  own.known("saved-3");
  assert.ok(own.isOf("saved-3"));
});
