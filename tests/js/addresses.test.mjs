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

test("an address with another view, search, filter or order loads the queue again", () => {
  for (const other of ["?view=mine", "?view=open&q=refund", "?view=open&priority=4", "?view=open&sort=newest", "?view=open&any=1"]) {
    assert.ok(wantsOtherRows(other, "?view=open"), other);
    assert.ok(wantsOtherRows("?view=open", other), other);
  }
});

test("an address of what is shown, or one that says nothing of the queue, keeps its rows", () => {
  for (const same of ["?view=open&priority=4", "", "?"]) assert.ok(!wantsOtherRows(same, "?view=open&priority=4"), same);
});

test("the order and the writing of parameters make no difference, their values do", () => {
  assert.ok(!wantsOtherRows("?tag%21=7&view=open&customer=Lena%20Haas", "?view=open&customer=Lena+Haas&tag!=7"));
  assert.ok(!wantsOtherRows("?priority=3&priority=4", "?priority=4&priority=3"));
  assert.ok(wantsOtherRows("?tag=7", "?tag!=7"));
  assert.ok(wantsOtherRows("?priority=4", "?priority=4&priority=3"));
});

test("the open ticket is not loaded again, unless another one is loading", () => {
  assert.ok(!mustLoad("17", { current: "17", loading: false }));
  assert.ok(mustLoad("17", { current: "17", loading: true }));
  assert.ok(mustLoad("18", { current: "17", loading: false }));
  assert.ok(mustLoad("17", { current: null, loading: false }));
});
