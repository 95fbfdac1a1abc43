/* How far the sources support a draft: green only if nothing is left open. */
import assert from "node:assert/strict";
import test from "node:test";

import { figures } from "../../static/js/draft/drafttext.js";
import { doubtful, reasonAt, spoken, unsourced, verdict } from "../../static/js/draft/support.js";

const counts = { words: 61, seconds: 0.64, first_token_seconds: 0.2, sources: 3, supported: 3, sentences: 3, questions: 1, answered: 1, sure: true };
const draft = (changed = {}, more = {}) => ({
  id: 1, state: "ready", text: "Hi [1]", review: "pending", form: "written", insisted: false, sentences: [], figures: { ...counts, ...changed }, ...more,
});

test("green means that every sentence is supported, every question answered, and the answer sure", () => {
  assert.deepEqual(verdict(draft()), { state: "● Every sentence supported", kind: "ok" });
  assert.deepEqual(verdict(draft({ questions: 0, answered: 0 })).kind, "ok");
  assert.deepEqual(verdict(draft({ supported: 2 })), { state: "▲ 2 of 3 sentences supported", kind: "warn" });
  assert.deepEqual(verdict(draft({ questions: 2 })), { state: "▲ 1 of 2 questions answered", kind: "warn" });
  assert.equal(verdict(draft({ supported: 2, questions: 2 })).state, "▲ 2 of 3 sentences supported · 1 of 2 questions answered");
  assert.equal(verdict(draft({ supported: 0, sentences: 1 })).state, "▲ 0 of 1 sentence supported");
  for (const sure of [false, undefined]) {
    assert.deepEqual(verdict(draft({ sure })), { state: "▲ Check whether this answers the question.", kind: "warn" });
  }
  assert.equal(verdict(draft({ supported: 2, sure: false })).state, "▲ 2 of 3 sentences supported");
});

test("a draft that the model could not finish says what stands there and why there is no more, never in green or red", () => {
  const failed = (changed, more) => draft(changed, { state: "failed", form: "evidence", error: "The model is not running.", ...more });
  const shown = (each, notice = null) => figures({ touched: false, inserted: 1, text: "Hi", used: new Set(), draft: each, notice });
  assert.deepEqual(shown(failed({ seconds: null, sure: false })), {
    state: "▲ The sources’ own words · The model is not running.", kind: "warn", numbers: "61 words · 3 sources",
  });
  assert.equal(shown(failed({ supported: 0 })).state, "▲ 0 of 3 sentences supported · The model is not running.");
  assert.equal(shown(failed({}, { form: "written" })).state, "▲ 3 of 3 sentences supported · The model is not running.");
  assert.equal(shown(failed({}, { error: "" }), { code: "model_down", text: "Down." }).state, "▲ The sources’ own words · Down.");
  assert.deepEqual(shown(failed({}, { figures: null })), { state: "▲ The model is not running.", kind: "warn", numbers: "1 word" });
  assert.deepEqual(shown(failed({}, { text: "" })).kind, "bad");
  assert.equal(spoken(failed()), "The sources’ own words. The model is not running.");
  assert.equal(spoken(failed({}, { text: "", figures: null })), "The model is not running.");
});

test("a draft in the words of its sources says so", () => {
  const shown = (form) => figures({ touched: false, inserted: 1, text: "", used: new Set(), draft: draft({}, { form }), notice: null }).numbers;
  assert.equal(shown("evidence"), "61 words · 0.6 s · 3 sources · the sources’ own words");
  assert.equal(shown("written"), "61 words · 0.6 s · 3 sources");
});

test("a draft that was not checked is never green", () => {
  for (const old of [{ sentences: 0, supported: 0 }, { sentences: null, supported: null }, { supported: undefined }]) {
    assert.deepEqual(verdict(draft(old)), { state: "Draft ready", kind: "ai" });
    assert.equal(spoken(draft(old)), "");
  }
  assert.equal(verdict(draft({}, { figures: null })).kind, "ai");
  const shown = figures({ touched: false, inserted: 1, text: "", used: new Set(), draft: draft({ sentences: 0 }), notice: null });
  assert.equal(shown.numbers, "61 words · 0.6 s · 3 sources");
});

test("a draft that an agent insisted on is never green", () => {
  assert.deepEqual(verdict(draft({}, { insisted: true })), { state: "No source answers this. Closest sources only.", kind: "ai" });
  assert.match(spoken(draft({}, { insisted: true })), /No source answers this/);
});

test("what a screen reader says has the reason too", () => {
  assert.equal(spoken(draft()), "Draft ready, every sentence supported.");
  const sentences = [{ start: 0, end: 2, support: "weak", reason: "The source says 5 days." }];
  assert.equal(spoken(draft({ supported: 2 }, { sentences })), "Draft ready, 2 of 3 sentences supported. The source says 5 days.");
  assert.equal(spoken(draft({ sure: false })), "Draft ready, every sentence supported. Check whether this answers the question.");
  assert.equal(spoken(draft({ questions: 2 })), "Draft ready, every sentence supported. 1 of 2 questions answered.");
});

test("doubtful sentences have places in the editor's text", () => {
  const text = "👍🏽 Sure. It takes 5 days.";
  const sentences = [
    { start: 0, end: 8, support: "supported", reason: "" },
    { start: 9, end: 25, support: "unsupported", reason: "No source says this." },
  ];
  const [found, ...others] = doubtful(draft({}, { text, sentences }));
  assert.deepEqual(others, []);
  assert.equal(text.slice(found.start, found.end), "It takes 5 days.");
  assert.deepEqual(doubtful(null), []);
  assert.deepEqual(doubtful({ text: "from an older server" }), []);
});

test("the reason is that of the sentence at the caret, else the first one", () => {
  const sentences = [{ start: 0, end: 5, reason: "" }, { start: 6, end: 9, reason: "one" }, { start: 10, end: 20, reason: "two" }];
  assert.equal(reasonAt(sentences, null), "one");
  assert.equal(reasonAt(sentences, 15), "two");
  assert.equal(reasonAt(sentences, 2), "one");
  assert.equal(reasonAt([], 2), "");
});

test("only an unedited draft without a source is asked about before it is sent", () => {
  const insisted = draft({}, { insisted: true });
  assert.equal(unsourced({ draft: insisted, inserted: 1, author: "model" }), true);
  assert.equal(unsourced({ draft: insisted, inserted: 1, author: "mixed" }), false);
  assert.equal(unsourced({ draft: insisted, inserted: null, author: "own" }), false);
  assert.equal(unsourced({ draft: draft(), inserted: 1, author: "model" }), false);
  assert.equal(unsourced({ draft: null, inserted: null, author: "" }), false);
});
