/* The close dialog filters existing tags while one is typed. */
import assert from "node:assert/strict";
import test from "node:test";

import { suggestions, toggled } from "../../static/js/dialogs/tags.js";

const known = ["billing", "bug", "calendar", "double booking", "refund"];

test("what is typed filters, beginnings first", () => {
  assert.deepEqual(suggestions("b", known).offered, ["billing", "bug", "double booking"]);
  assert.deepEqual(suggestions("refund, Cal", known).offered, ["calendar"]);
  assert.deepEqual(suggestions("zzz", known).offered, []);
});

test("nothing typed offers all, and what is chosen is marked", () => {
  assert.deepEqual(suggestions("", known).offered, known);
  const { chosen, offered } = suggestions("refund, ", known);
  assert.deepEqual(chosen, ["refund"]);
  assert.equal(offered[0], "refund");
});

test("never more than a dozen", () => {
  assert.equal(suggestions("", Array.from({ length: 50 }, (_, n) => `tag${n}`)).offered.length, 12);
});

test("choosing completes what was typed, and takes out what is there", () => {
  assert.equal(toggled("refund, cal", "calendar"), "refund, calendar");
  assert.equal(toggled("mine", "refund"), "mine, refund");
  assert.equal(toggled("refund, bug", "refund"), "bug");
});

test("names with capitals are found, marked and taken out however they are typed", () => {
  const codes = ["IMP-201", "IMP-207", "import"];
  assert.deepEqual(suggestions("imp-2", codes).offered, ["IMP-201", "IMP-207"]);
  assert.deepEqual(suggestions("imp-207, ", codes), { chosen: ["IMP-207"], offered: ["IMP-207", "IMP-201", "import"] });
  assert.equal(toggled("imp-2", "IMP-207"), "IMP-207");
  assert.equal(toggled("imp-207, refund", "IMP-207"), "refund");
});
