/* What the composer knows about its text: whose marks, whose words, and what was typed while it was being sent. */
import assert from "node:assert/strict";
import test from "node:test";

import { authorship, fromDraft, fromWire, joined, parts, passages, plain, rest, sentences, together, toWire, trimmed } from "../../static/js/composer/written.js";

const typed = (text) => ({ text, marks: [] });
const draft = fromDraft("Hi Tomas,\n\nIt takes 5 days [1]. It is never collected [2].", [1, 2], 7);
const sources = [{ draft: 7, text: plain(draft) }];

test("a draft's numbers are marks, what an agent types never is", () => {
  assert.deepEqual(draft.marks.map(([, number, from]) => [number, from]), [[1, 7], [2, 7]]);
  assert.deepEqual(fromDraft("rows[9] stay", [1, 2], 7).marks, []);
  assert.equal(plain(typed("see [1], items[12] and servers[0].host")), "see [1], items[12] and servers[0].host");
  assert.equal(plain(draft), "Hi Tomas,\n\nIt takes 5 days. It is never collected.");
});

test("parts and joined are each other's reverse", () => {
  assert.deepEqual(joined(parts(draft)), draft);
  assert.deepEqual(joined(parts(typed("[1] mine"))), typed("[1] mine"));
});

test("a mark that is no longer there is none", () => {
  assert.deepEqual(parts({ text: "no mark", marks: [[3, 1, 7]] }), [{ text: "no mark" }]);
});

test("what was typed while it was being sent is kept", () => {
  assert.equal(rest(typed("Hello"), typed("Hello")).text, "");
  assert.equal(rest(typed("Hello "), typed("Hello\n")).text, "");
  assert.equal(rest(typed("Hello"), typed("Hello and then")).text, "and then");
  assert.equal(rest(typed("Hello"), typed("First: Hello")).text, "First:");
  assert.equal(rest(typed("Hello you"), typed("Hello dear you")).text, "dear");
});

test("who changes what is being sent keeps all of it", () => {
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

test("a model's words are the model's until a person rewrites them", () => {
  assert.equal(authorship(draft, sources), "model");
  assert.equal(authorship(together([draft, typed("Mira")], " "), sources), "mixed");
  assert.equal(authorship(typed("It takes 5 working days. Kind regards from all of us here, Mira"), sources), "mixed");
  assert.equal(authorship(typed("We refund the second charge on Monday."), sources), "own");
  assert.equal(authorship(typed(" "), sources), "");
});

test("a chip that was taken out does not make the sentence anybody else's", () => {
  assert.equal(authorship(typed(plain(draft)), sources), "model");
});

test("passages say where", () => {
  const doc = typed("My own words first. It is never collected. Bye for now, and take care.");
  assert.deepEqual(passages(doc, sources), [[20, 42, 7]]);
});

test("sentences of many languages end", () => {
  const cut = (text) => sentences(text).map(({ start, end }) => text.slice(start, end));
  assert.deepEqual(cut("One. Two!\n- Three"), ["One.", "Two!", "- Three"]);
  assert.deepEqual(cut("一つ。二つ。"), ["一つ。", "二つ。"]);
  assert.deepEqual(cut("\n \n"), []);
});

test("the wire counts code points and gives everything back", () => {
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

test("a very long text costs no time at a key", () => {
  const long = typed("word word word. ".repeat(3000));
  const began = performance.now();
  passages(long, sources);
  assert.ok(performance.now() - began < 200);
});
