/* node --test tests/js : the pure parts of the composer, without a browser. */
import assert from "node:assert/strict";
import test from "node:test";

import { applyDelta, caughtUp, decide, figures, pieces, settled, stale, staleness, words } from "../../static/js/draft/drafttext.js";

const draft = (more = {}) => ({ id: 1, state: "ready", text: "Hi [1]", review: "pending", outdated: false, ...more });
const nothing = { text: "", touched: false, inserted: null, complete: false, used: new Set() };

test("deltas are joined, repeats dropped, gaps noticed", () => {
  assert.deepEqual(applyDelta("Hi", 2, " you"), { text: "Hi you", fits: true });
  assert.deepEqual(applyDelta("Hi you", 2, " you"), { text: "Hi you", fits: true });
  assert.deepEqual(applyDelta("Hi yo", 2, " you."), { text: "Hi you.", fits: true });
  assert.equal(applyDelta("Hi", 5, "x").fits, false);
});

test("deltas that came before the snapshot follow its text, and those that do not fit are left", () => {
  const deltas = [{ at: 2, text: " you" }, { at: 6, text: " there" }];
  assert.deepEqual(caughtUp("Hi y", deltas), { text: "Hi you there", left: [] });
  assert.deepEqual(caughtUp("Hi", [deltas[0], { at: 9, text: "x" }, { at: 10, text: "y" }]), {
    text: "Hi you", left: [{ at: 9, text: "x" }, { at: 10, text: "y" }],
  });
});

test("offsets count code points, not UTF-16 units", () => {
  assert.deepEqual(applyDelta("👍🏽 ok", 5, "!"), { text: "👍🏽 ok!", fits: true });
  assert.deepEqual(applyDelta("👍", 0, "👍a"), { text: "👍a", fits: true });
});

test("only numbers of sources become chips", () => {
  assert.deepEqual(pieces("a [1] b [9].", [1]), [{ text: "a " }, { cite: 1 }, { text: " b [9]." }]);
  assert.deepEqual(pieces("[12]"), [{ cite: 12 }]);
  assert.deepEqual(pieces(""), []);
});

test("half a citation is not shown", () => {
  assert.equal(settled("done [1"), "done");
  assert.equal(settled("done ["), "done");
  assert.equal(settled("done [1]"), "done [1]");
});

test("citations are no words", () => assert.equal(words("One two [1]. three [2]"), 4));

test("a draft goes only into an editor that the agent has not changed", () => {
  assert.equal(decide({ ...nothing, draft: draft() }), "show");
  assert.equal(decide({ ...nothing, draft: draft({ state: "writing" }) }), "show");
  assert.equal(decide({ ...nothing, draft: draft(), touched: true, text: "mine" }), "wait");
  assert.equal(decide({ ...nothing, draft: draft(), touched: true, text: "  " }), "show");
});

test("an edited draft is not overwritten", () => {
  const edited = { ...nothing, touched: true, inserted: 1, text: "Hi you" };
  assert.equal(decide({ ...edited, draft: draft(), complete: true }), "none");
  assert.equal(decide({ ...edited, draft: draft({ state: "writing" }) }), "none");
  assert.equal(decide({ ...edited, draft: draft(), complete: false }), "more");
  assert.equal(decide({ ...edited, draft: draft({ id: 2 }), complete: true }), "wait");
  assert.equal(decide({ ...nothing, inserted: 1, text: "Hi", draft: draft({ id: 2 }) }), "show");
});

test("a draft that the rules do not allow is never offered", () => {
  assert.equal(decide({ ...nothing, draft: draft({ state: "by_rule", text: "" }) }), "none");
});

test("a draft that was reviewed, used, outdated or empty is not shown", () => {
  for (const review of ["accepted", "edited", "rejected", "ignored"]) {
    assert.equal(decide({ ...nothing, draft: draft({ review }) }), "none");
  }
  assert.equal(decide({ ...nothing, draft: draft(), used: new Set([1]) }), "none");
  assert.equal(decide({ ...nothing, draft: draft({ outdated: true }) }), "none");
  assert.equal(decide({ ...nothing, draft: draft({ text: "" }) }), "none");
  assert.equal(decide({ ...nothing, draft: null }), "none");
});

test("a draft with a withdrawn source is not shown, and the reason is", () => {
  const gone = draft({ withdrawn: [2] });
  assert.equal(decide({ ...nothing, draft: gone }), "none");
  assert.equal(stale(gone), true);
  assert.equal(stale(draft({ withdrawn: [] })), false);
  assert.equal(staleness(gone), "Source 2 was withdrawn");
  assert.equal(staleness(draft({ withdrawn: [1, 2] })), "Sources 1 and 2 were withdrawn");
  assert.equal(staleness(draft({ outdated: true })), "The customer has written again");
});

test("the line of figures always has a text", () => {
  const told = { words: 61, seconds: 0.64, first_token_seconds: 0.2, sources: 3, supported: 4, sentences: 5 };
  const ready = figures({ ...nothing, draft: draft({ figures: told }), notice: null });
  assert.equal(ready.state, "▲ 4 of 5 sentences supported");
  assert.equal(ready.numbers, "61 words · 0.6 s · 3 sources");
  assert.match(figures({ ...nothing, draft: draft({ state: "queued", text: "" }), notice: null }).state, /Waiting for the model/);
  assert.match(figures({ ...nothing, draft: draft({ state: "no_source", text: "" }), notice: null }).state, /gap is noted/);
  const sent = { code: "sent_before", text: "The articles have nothing new." };
  assert.equal(figures({ ...nothing, draft: draft({ state: "no_source", text: "" }), notice: sent }).state, sent.text);
  const rule = { code: "by_rule", text: "No draft by rule. Rule 1: the request “Cannot get in”." };
  const ruled = figures({ ...nothing, draft: draft({ state: "by_rule", text: "" }), notice: rule });
  assert.deepEqual([ruled.state, ruled.kind, ruled.numbers], [rule.text, "warn", ""]);
  assert.equal(figures({ ...nothing, draft: draft({ state: "by_rule", text: "" }), notice: null }).state, "No draft by rule.");
  assert.match(figures({ ...nothing, draft: draft({ state: "stopped" }), notice: null }).state, /so far is kept/);
  const unwritten = figures({ ...nothing, draft: draft({ state: "stopped", text: "" }), notice: null });
  assert.deepEqual([unwritten.state, unwritten.numbers], ["Stopped before anything was written.", ""]);
  assert.equal(figures({ ...nothing, draft: null, notice: { text: "The model is not running." } }).state, "The model is not running.");
  const turn = { code: "queue", text: "3 drafts before this one." };
  assert.equal(figures({ ...nothing, draft: draft({ state: "queued", text: "" }), notice: turn }).kind, "ai");
  assert.equal(figures({ ...nothing, draft: draft({ state: "queued", text: "" }), notice: { code: "no_drafter", text: "" } }).kind, "warn");
  const down = { code: "model_no_model", text: "The model file is missing." };
  const offered = figures({ ...nothing, draft: draft({ state: "queued", text: "It goes away [1]." }), notice: down });
  assert.deepEqual([offered.state, offered.kind], ["The sources’ own words · The model file is missing.", "warn"]);
  assert.equal(figures({ ...nothing, draft: null, notice: null, touched: true, text: "two words" }).numbers, "2 words");
});

test("a draft of a ticket with a newer reply waits in the bar", () => {
  assert.equal(decide({ ...nothing, draft: draft({ answered: true }) }), "wait");
  assert.equal(decide({ ...nothing, draft: draft({ answered: false }) }), "show");
});

test("who wrote the text depends on the text, not on the latest draft", () => {
  const edited = { ...nothing, draft: draft({ id: 9 }), notice: null, touched: true, inserted: 1, text: "two words" };
  assert.equal(figures({ ...edited, author: "mixed" }).state, "AI draft, edited by you");
  assert.equal(figures({ ...edited, author: "model" }).kind, "ai");
  assert.equal(figures({ ...edited, author: "own" }).state, "Your own words");
});
