/* The search field: what it asks for, how it goes back, and that nobody's words are taken away. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { LiveSearch } from "../../static/js/queue/search.js";

let field, queue, search, asked, held;

function start(address, query = "") {
  const handlers = {};
  field = { value: query, form: { addEventListener() {} }, setAttribute() {}, addEventListener: (name, run) => (handlers[name] = run) };
  queue = { element: { id: "queue", addEventListener() {} }, query, address, search: () => queue.address, rows: { dataset: { said: "" } } };
  asked = [];
  held = null; // a promise that answers wait for
  search = new LiveSearch(field, queue, async (shown, how) => {
    asked.push([shown, how]);
    if (held) await held;
    queue.address = shown;
    queue.query = new URLSearchParams(shown).get("q") ?? "";
    return true;
  });
  field.type = (text) => ((field.value = text), handlers.input());
}

async function pass(milliseconds) {
  mock.timers.tick(milliseconds);
  for (let turn = 0; turn < 5; turn++) await null;
}

beforeEach(() => {
  globalThis.document = { activeElement: null, getElementById: () => ({}), querySelector: () => null };
  globalThis.requestAnimationFrame = () => {};
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => mock.timers.reset());

test("typing on keeps the filters, and clearing brings back what was shown", async () => {
  start("?view=open&tag=1");
  field.type("ref");
  await pass(200);
  field.type("refund");
  await pass(200);
  search.clear();
  await pass(0);
  assert.deepEqual(asked, [
    ["?view=open&tag=1&q=ref", "push"],
    ["?view=open&tag=1&q=refund", "replace"],
    ["?view=open&tag=1", "replace"],
  ]);
});

test("words that replace others on their way are the first step of the history", async () => {
  start("?view=open");
  let answer;
  held = new Promise((resolve) => (answer = resolve));
  field.type("ref");
  await pass(200);
  field.type("refund");
  await pass(200);
  assert.deepEqual(asked.map(([, how]) => how), ["push", "push"]);
  answer();
  await pass(0);
  field.type("refunds");
  await pass(200);
  assert.equal(asked.at(-1)[1], "replace");
});

test("words that are taken back before their rows came leave no step", async () => {
  start("?view=open");
  held = new Promise(() => {});
  field.type("ref");
  await pass(200);
  search.clear();
  await pass(0);
  assert.deepEqual(asked.at(-1), ["?view=open", "replace"]);
});

test("a page that was loaded with a search goes back to the same without it", () => {
  start("?view=all&q=refund&status=open", "refund");
  assert.equal(search.back, "?view=all&status=open");
});

test("rows that come while somebody types do not change the field", async () => {
  start("?view=open");
  document.activeElement = field;
  field.type("refu");
  search.follow();
  assert.equal(field.value, "refu");
  await pass(200);
  assert.deepEqual(asked, [["?q=refu", "push"]]);
});

test("otherwise the field follows the queue", async () => {
  start("?view=open");
  document.activeElement = field;
  field.type("refund");
  await pass(200);
  Object.assign(queue, { address: "?view=open", query: "" });
  search.follow();
  assert.equal(field.value, "");
});

test("rows that come while the words are on their way do not change the field, nor what is asked for", async () => {
  start("?view=saved-3");
  document.activeElement = field;
  let answer;
  held = new Promise((resolve) => (answer = resolve));
  field.type("refund");
  await pass(200);
  queue.address = "?view=open"; // the view is gone
  search.follow();
  assert.equal(field.value, "refund");
  answer();
  await pass(0);
  field.type("refund");
  await pass(200);
  assert.deepEqual(asked, [["?q=refund", "push"]]);
  assert.equal(search.back, "?view=open");
});

test("filters that are chosen during a search stay when it ends", async () => {
  start("?view=urgent");
  field.type("refund");
  await pass(200);
  assert.equal(search.back, "?view=urgent");
  queue.address = "?view=all&q=refund&tag=1";
  search.follow();
  field.type("refunds");
  await pass(200);
  search.clear();
  await pass(0);
  assert.equal(asked.at(-1)[0], "?view=all&tag=1");
});

test("a search that is reached by going back ends with its own filters", async () => {
  start("?view=urgent");
  field.type("refund");
  await pass(200);
  Object.assign(queue, { address: "?view=mine", query: "" });
  search.follow();
  Object.assign(queue, { address: "?q=export", query: "export" });
  search.follow();
  assert.equal(field.value, "export");
  assert.equal(search.back, "?");
});
