/* Which choices a text above them leaves. */
import assert from "node:assert/strict";
import test from "node:test";

import { contains } from "../../static/js/queue/narrowing.js";

test("a part of the name is enough, in any letters", () => {
  for (const text of ["", "  ", "brandt", "JONAS", "as br", " müller", "muller"]) assert.ok(contains("Jonas Brandt-Müller", text), text);
  assert.ok(contains("Zoe", "Zoë"));
  assert.ok(contains("東京", "京"));
});

test("other names are left out", () => {
  assert.ok(!contains("refund", "refunds"));
  assert.ok(!contains("Jonas Brandt", "brandt jonas"));
});
