/* What the addresses of the desk mean. */
import assert from "node:assert/strict";
import test from "node:test";

import { addressOf, mustLoad, ticketIn, wantsOtherRows } from "../../static/js/desk/addresses.js";

test("an address names a ticket, or the queue alone", () => {
  assert.equal(ticketIn("/desk/17/"), "17");
  assert.equal(ticketIn("/desk/"), null);
  assert.equal(ticketIn("/desk/17/pane"), null);
});

test("an address is made of a ticket and of what the queue shows", () => {
  assert.equal(addressOf("17", "?view=open"), "/desk/17/?view=open");
  assert.equal(addressOf(null, "?view=open&q=refund"), "/desk/?view=open&q=refund");
});

test("an address with another view or search loads the queue again, one without any does not", () => {
  const shown = { view: "open", query: "" };
  assert.ok(wantsOtherRows("?view=mine", shown));
  assert.ok(wantsOtherRows("?view=open&q=refund", shown));
  assert.ok(!wantsOtherRows("?view=open", shown));
  assert.ok(!wantsOtherRows("", shown));
  assert.ok(wantsOtherRows("?view=open", { view: "open", query: "refund" }));
});

test("the open ticket is not loaded again, unless another one is loading", () => {
  assert.ok(!mustLoad("17", { current: "17", loading: false }));
  assert.ok(mustLoad("17", { current: "17", loading: true }));
  assert.ok(mustLoad("18", { current: "17", loading: false }));
  assert.ok(mustLoad("17", { current: null, loading: false }));
});
