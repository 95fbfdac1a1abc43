/* Keys in the list of results below the help center's search field. */
import assert from "node:assert/strict";
import test from "node:test";

import { stepped } from "../../static/js/help/search.js";

test("↓ goes through the results, then back to the field", () => {
  assert.deepEqual([stepped(-1, 1, 2), stepped(0, 1, 2), stepped(1, 1, 2)], [0, 1, -1]);
});

test("↑ goes the other way, from the field to the last one", () => {
  assert.deepEqual([stepped(-1, -1, 2), stepped(1, -1, 2), stepped(0, -1, 2)], [1, 0, -1]);
});
