/* To whom a reply goes: what counts as the same, who is where, and how it is said. */
import assert from "node:assert/strict";
import test from "node:test";

import { everybody, long, only, same, settled, short, together, unsent } from "../../static/js/composer/addressed.js";

const vera = { name: "Vera Holm", email: "vera@holm.example" };
const anna = { name: "Anna Berg", email: "anna@berg.example" };
const ben = { name: "Ben Miller", email: "ben@berg.example" };
const carl = { name: "", email: "carl@berg.example" };
const all = { to: [vera], cc: [anna, ben], bcc: [] };

test("order, names and capital letters make no difference, the place does", () => {
  assert.ok(same(all, { to: [vera], cc: [{ name: "", email: "BEN@berg.example" }, anna], bcc: [] }));
  assert.ok(!same(all, { to: [vera], cc: [anna], bcc: [ben] }));
  assert.ok(!same(all, only(vera)));
});

test("whoever is put into a field leaves the others", () => {
  assert.deepEqual(settled({ to: [vera], cc: [anna], bcc: [anna] }, "bcc", vera), { to: [vera], cc: [], bcc: [anna] });
  assert.deepEqual(settled({ to: [vera, ben], cc: [ben], bcc: [] }, "to", vera), { to: [vera, ben], cc: [], bcc: [] });
});

test("the customer is always in To and nowhere else", () => {
  assert.deepEqual(settled({ to: [vera], cc: [vera, ben], bcc: [vera] }, "cc", vera), { to: [vera], cc: [ben], bcc: [] });
  assert.deepEqual(settled({ to: [ben], cc: [], bcc: [] }, "to", vera).to, [vera, ben]);
});

test("all again has whom the agent added, each once", () => {
  assert.deepEqual(together(all, { to: [vera], cc: [carl], bcc: [ben] }), { to: [vera], cc: [anna, ben, carl], bcc: [] });
  assert.equal(everybody(together(all, all)).length, 3);
});

test("after a reply has arrived only what was chosen since is left", () => {
  assert.equal(unsent(all, all, {}), null);
  assert.equal(unsent(all, null, {}), null);
  assert.deepEqual(unsent(all, only(vera), {}), only(vera));
  assert.deepEqual(unsent(all, all, { same: false }), all);
});

test("the line names two of each kind, its title everybody", () => {
  assert.equal(short(only(vera)), "To Vera Holm");
  assert.equal(short({ to: [vera], cc: [anna, ben, carl], bcc: [carl] }), "To Vera Holm · Cc Anna Berg, Ben Miller +1 · Bcc carl@berg.example");
  assert.equal(long({ to: [vera], cc: [carl], bcc: [] }), "To Vera Holm <vera@holm.example> · Cc carl@berg.example");
});
