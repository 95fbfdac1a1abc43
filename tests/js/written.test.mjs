/* What the composer knows about its text: its citations, who wrote it, and what was typed while it was being sent. */
import assert from "node:assert/strict";
import test from "node:test";

import { authorship, fromDraft, fromWire, joined, parts, passages, plain, rest, sentences, together, toWire, trimmed } from "../../static/js/composer/written.js";

const typed = (text) => ({ text, marks: [] });
const draft = fromDraft("Hi Tomas,\n\nIt takes 5 days [1]. It is never collected [2].", [1, 2], 7);
const sources = [{ draft: 7, text: plain(draft) }];

test("the numbers of a draft are citations, typed ones never are", () => {
  assert.deepEqual(draft.marks.map(([, number, from]) => [number, from]), [[1, 7], [2, 7]]);
  assert.deepEqual(fromDraft("rows[9] stay", [1, 2], 7).marks, []);
  assert.equal(plain(typed("see [1], items[12] and servers[0].host")), "see [1], items[12] and servers[0].host");
  assert.equal(plain(draft), "Hi Tomas,\n\nIt takes 5 days. It is never collected.");
});

test("parts and joined are each other's reverse", () => {
  assert.deepEqual(joined(parts(draft)), draft);
  assert.deepEqual(joined(parts(typed("[1] mine"))), typed("[1] mine"));
});

test("a mark that no longer matches the text is dropped", () => {
  assert.deepEqual(parts({ text: "no mark", marks: [[3, 1, 7]] }), [{ text: "no mark" }]);
});

test("what was typed while it was being sent is kept", () => {
  assert.equal(rest(typed("Hello"), typed("Hello")).text, "");
  assert.equal(rest(typed("Hello "), typed("Hello\n")).text, "");
  assert.equal(rest(typed("Hello"), typed("Hello and then")).text, "and then");
  assert.equal(rest(typed("Hello"), typed("First: Hello")).text, "First:");
  assert.equal(rest(typed("Hello you"), typed("Hello dear you")).text, "dear");
});

test("if the sent text was changed all of it is kept", () => {
  assert.equal(rest(typed("Hello you"), typed("Good day you")).text, "Good day you");
  assert.equal(rest(typed("Hello"), typed("")).text, "");
});

test("what is left keeps its marks", () => {
  const left = rest(typed("Hello"), together([typed("Hello"), draft], "\n\n"));
  assert.deepEqual(left, draft);
});

test("trimming moves the marks", () => {
  assert.deepEqual(trimmed({ text: "\n a [1] ", marks: [[4, 1, 7]] }), { text: "a [1]", marks: [[2, 1, 7]] });
});

test("a sentence counts as the model's until it is rewritten", () => {
  assert.equal(authorship(draft, sources), "model");
  assert.equal(authorship(together([draft, typed("Mira")], " "), sources), "mixed");
  assert.equal(authorship(typed("It takes 5 working days. Kind regards from all of us here, Mira"), sources), "mixed");
  assert.equal(authorship(typed("We refund the second charge on Monday."), sources), "own");
  assert.equal(authorship(typed(" "), sources), "");
});

test("removing a citation does not change who wrote the sentence", () => {
  assert.equal(authorship(typed(plain(draft)), sources), "model");
});

test("passages have positions", () => {
  const doc = typed("My own words first. It is never collected. Bye for now, and take care.");
  assert.deepEqual(passages(doc, sources), [[20, 42, 7]]);
});

test("sentences of many languages are split", () => {
  const cut = (text) => sentences(text).map(({ start, end }) => text.slice(start, end));
  assert.deepEqual(cut("One. Two!\n- Three"), ["One.", "Two!", "- Three"]);
  assert.deepEqual(cut("一つ。二つ。"), ["一つ。", "二つ。"]);
  assert.deepEqual(cut("\n \n"), []);
});

test("what is sent counts code points, and comes back unchanged", () => {
  const smile = together([typed("👍🏽 Sure."), draft], "\n\n");
  const sent = toWire(smile, sources);
  assert.equal(sent.marks[0][0], [...smile.text].join("").indexOf("[1]") - 2);
  const back = fromWire({ text: smile.text, prepared: "7", ...sent });
  assert.deepEqual(back.doc, smile);
  assert.equal(back.prepared, 7);
  assert.equal(authorship(back.doc, back.sources), authorship(smile, sources));
});

test("an old message without a composition is text", () => {
  assert.deepEqual(fromWire({ text: "Hello [1]", prepared: "" }), { doc: typed("Hello [1]"), sources: [], prepared: null });
});

test("a very long text does not slow down typing", () => {
  const long = typed("word word word. ".repeat(3000));
  const began = performance.now();
  passages(long, sources);
  assert.ok(performance.now() - began < 200);
});
