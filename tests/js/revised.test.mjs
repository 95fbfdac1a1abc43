/* What the page makes of a text while it is revised, and says of it afterwards. */
import assert from "node:assert/strict";
import test from "node:test";

import { figures, newText, step } from "../../static/js/revise/revised.js";

const line = { text: "Hi 😀,\n\nIt takes 5 days [1].", marks: [[23, 1, 7]], now: [7, 27], number: 1, of: 2 };
const done = (supported, count) => ({ ...step(line), done: true, sentences: Array(count).fill({}), supported });

test("places on the wire are code points, those of the page UTF-16 units", () => {
  const { doc, now } = step(line);
  assert.deepEqual(doc.marks, [[24, 1, 7]]);
  assert.equal(doc.text.slice(24, 27), "[1]");
  assert.deepEqual(now, [8, 28]);
  assert.equal(step({ ...line, now: null }).now, null);
});

test("only sentences that were not there before are the model's", () => {
  const doc = (text) => ({ text, marks: [] });
  assert.equal(newText(doc("Hi.\nOne is here. Two is there."), doc("Hi.\nOne is here. Two is there now.")), "Two is there now.");
  assert.equal(newText(doc("One is here."), doc("One is here.")), "");
});

test("what is being done, and never green afterwards", () => {
  assert.equal(figures(step(line)).state, "Sentence 1 of 2 is being revised. Esc stops it.");
  assert.equal(figures({ ...step(line), of: 0 }).state, "The text is being revised. Esc stops it.");
  assert.deepEqual(figures(done(2, 2)), { state: "Revised · Every sentence supported", kind: "ai", numbers: "7 words" });
  assert.deepEqual([figures(done(1, 2)).state, figures(done(1, 2)).kind], ["▲ Revised · 1 of 2 sentences supported", "warn"]);
  assert.equal(figures(done(0, 0)).state, "Revised");
});
