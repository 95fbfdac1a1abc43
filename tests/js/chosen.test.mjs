/* What the panel of filters asks for, as an address of the queue. */
import assert from "node:assert/strict";
import test from "node:test";

import { addressOfForm } from "../../static/js/queue/chosen.js";

/** The parameters of the address, in their order. */
const asked = (...pairs) => [...new URLSearchParams(addressOfForm(pairs))];

test("the address has each value that is chosen, in the order of the form, those of one field together", () => {
  assert.equal(addressOfForm([["view", "open"], ["priority", "4"], ["team", "mine"], ["priority", "3"]]), "?view=open&priority=4,3&team=mine");
});

test("a text is one value, also with commas", () => {
  assert.deepEqual(asked(["customer", "Haas, Lena"]), [["customer", "Haas, Lena"]]);
});

test("values that the panel keeps beside others are joined with those that are turned round", () => {
  assert.deepEqual(asked(["tag!", "7"], ["tag!", "8"], ["tag", "9"]), [["tag!", "7,8"], ["tag", "9"]]);
  assert.deepEqual(asked(["not", "tag"], ["tag!", "7"], ["tag", "9"]), [["tag!", "7,9"]]);
  assert.deepEqual(asked(["tag!", ""], ["tag", "9"]), [["tag", "9"]]);
});

test("fields that are empty, or hold only spaces, are left out, and spaces around a value too", () => {
  assert.deepEqual(asked(["view", "open"], ["waiting", ""], ["customer", "  "], ["created_from", ""], ["tag", "7"]), [["view", "open"], ["tag", "7"]]);
  assert.deepEqual(asked(["customer", "  Lena Haas "]), [["customer", "Lena Haas"]]);
});

test("“none of these” turns the values of its field round, and no others", () => {
  assert.deepEqual(asked(["not", "tag"], ["tag", "7"], ["tag", "8"], ["team", "mine"]), [["tag!", "7,8"], ["team", "mine"]]);
});

test("“none of these” counts wherever it stands in the form", () => {
  assert.deepEqual(asked(["tag", "7"], ["not", "tag"]), [["tag!", "7"]]);
});

test("“none of these” where nothing is chosen asks for nothing", () => {
  assert.deepEqual(asked(["view", "open"], ["not", "tag"], ["priority", "4"]), [["view", "open"], ["priority", "4"]]);
});

test("without any filter the address says so, so that the view's own do not come back", () => {
  assert.deepEqual(asked(["view", "open"], ["not", "tag"], ["customer", ""]), [["view", "open"], ["any", "1"]]);
  assert.deepEqual(asked(), [["any", "1"]]);
});

test("view, search and order are no filters, and are kept", () => {
  const kept = [["view", "open"], ["q", "refund"], ["sort", "newest"]];
  assert.deepEqual(asked(...kept), [...kept, ["any", "1"]]);
  assert.deepEqual(asked(...kept, ["priority", "4"]), [...kept, ["priority", "4"]]);
});

test("the ends of a period are two fields of the address", () => {
  assert.deepEqual(asked(["created", ""], ["created_from", "2026-03-02"], ["created_to", ""]), [["created_from", "2026-03-02"]]);
});

test("letters that mean something in an address arrive as they were typed", () => {
  for (const name of ["a&b=c", "50% + 1", "#1?", "Zoë 東京"]) assert.deepEqual(asked(["customer", name]), [["customer", name]]);
});
