/* Ages and remaining times, as the template filters write them (config/templatetags/desk.py). */
import assert from "node:assert/strict";
import test from "node:test";

import { age, remaining } from "../../static/js/page/ages.js";

const NOW = Date.parse("2026-11-27T12:00:00Z");
const minutes = (count) => NOW + count * 60000;

test("an age is as short as possible", () => {
  assert.deepEqual([-0.5, -4, -59, -61, -47 * 60, -49 * 60].map((count) => age(minutes(count), NOW)), ["now", "4 m", "59 m", "1 h", "47 h", "2 d"]);
});

test("the time that is left, or since when it is over", () => {
  assert.deepEqual([12, 0.2, 0, -3, -150, 200].map((count) => remaining(minutes(count), NOW)), ["12 m left", "1 m left", "1 m overdue", "3 m overdue", "2 h overdue", "3 h left"]);
});
