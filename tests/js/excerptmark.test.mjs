/* The excerpt of a citation highlights the sentence that supports the draft. */
import assert from "node:assert/strict";
import test from "node:test";

import { bestSentence } from "../../static/js/draft/excerptmark.js";

const excerpt = [
  "A second line on your card is usually a pending authorisation, not a charge.",
  "A pending authorisation is never collected and disappears from the card within 5 business days.",
  "Only lines marked Paid were collected.",
];

test("the sentence that supports it is found", () => {
  assert.equal(bestSentence("The pending one disappears within 5 business days", excerpt), 1);
  assert.equal(bestSentence("Look for lines marked Paid", excerpt), 2);
});

test("numbers count, also short ones", () => {
  assert.equal(bestSentence("Wait 5 days", ["Wait 10 days.", "Wait 5 days."]), 1);
});

test("languages without spaces are read by character", () => {
  assert.equal(bestSentence("五日以内に消えます", ["請求されません。", "保留中の金額は五日以内に消えます。"]), 1);
});

test("without common words there is none", () => {
  assert.equal(bestSentence("Kind regards", excerpt), -1);
  assert.equal(bestSentence("", excerpt), -1);
  assert.equal(bestSentence("anything", []), -1);
});
