/* What a search does to the address of the queue, and which lists change as time passes. */
import assert from "node:assert/strict";
import test from "node:test";

import { changesWithTime, searchAddress, withoutSearch } from "../../static/js/queue/parameters.js";

test("a search from a view as it is looks everywhere", () => {
  assert.equal(searchAddress("?view=open", "refund"), "?q=refund");
  assert.equal(searchAddress("?view=saved-3&sort=newest", "two words"), "?q=two+words");
});

test("filters that are shown stay, the order does not", () => {
  assert.equal(searchAddress("?view=open&tag!=1,2&sort=newest", "refund"), "?view=open&tag!=1,2&q=refund");
  assert.equal(searchAddress("?view=open&any=1", "refund"), "?view=open&any=1&q=refund");
});

test("other words in a search keep what it has", () => {
  assert.equal(searchAddress("?view=all&q=refund", "refund now"), "?view=all&q=refund+now");
  assert.equal(searchAddress("?view=all&q=refund&status=open", "money"), "?view=all&q=money&status=open");
});

test("without the search the rest stays", () => {
  assert.equal(withoutSearch("?view=all&q=refund&status=open"), "?view=all&status=open");
});

test("lists by time change without an event", () => {
  for (const filter of ["waiting=4h", "escalated=yes,late", "created=today", "changed=7d", "closed!=30d"]) {
    assert.ok(changesWithTime(`?view=open&${filter}`, ""), filter);
  }
});

test("other lists do not", () => {
  for (const filter of ["escalated=yes", "created=2026-03-01..2026-03-31", "customer=waiting", "q=waiting", "priority=4"]) {
    assert.ok(!changesWithTime(`?view=open&${filter}`, ""), filter);
  }
});

test("the filters of the view itself count, unless others are shown", () => {
  const meaning = "name=Late&waiting=4h&sort=work";
  assert.ok(changesWithTime("?view=saved-3", meaning));
  assert.ok(changesWithTime("?view=saved-3&sort=newest", meaning));
  assert.ok(!changesWithTime("?view=saved-3&any=1", meaning));
});
