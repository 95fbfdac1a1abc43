/* The draft of a ticket as snapshots and deltas arrive, in any order. */
import assert from "node:assert/strict";
import test from "node:test";

globalThis.document = { querySelector: () => ({ content: "token" }) };
const { Draft } = await import("../../static/js/draft/draft.js");

const OWN = "Hi Tomas,\n\nA pending charge goes away [1].";

/** A draft, and the server's answers: each is given when the test says so. */
function watched() {
  const waiting = [];
  globalThis.fetch = () => new Promise((answer) => waiting.push(answer));
  const seen = new Draft("/draft", () => {});
  const answer = async (text, state = "writing") => {
    const draft = { id: 7, state, attempt: 1, text };
    waiting.shift()({ ok: true, url: "http://desk/draft", status: 200, json: async () => ({ draft, notice: null }) });
    await new Promise(setImmediate);
  };
  return { seen, answer, waiting };
}

const delta = (at, text) => ({ type: "draft.delta", draft: 7, at, text });
const changed = { type: "draft.changed", draft: 7, state: "writing" };

test("a text that replaces another one is taken even if the other one begins like it", async () => {
  const { seen, answer } = watched();
  seen.load();
  await answer(OWN);
  seen.receive(changed);
  seen.receive(delta(12, "us"));
  assert.equal(seen.draft.text, OWN); // until the new one is here
  seen.receive(delta(14, "stehend"));
  await answer("Hi Tomas,\n\nA");
  assert.equal(seen.draft.text, "Hi Tomas,\n\nAusstehend");
  seen.receive(delta(21, "e"));
  assert.equal(seen.draft.text, "Hi Tomas,\n\nAusstehende");
});

test("deltas may be ahead of a snapshot that was asked for by the clock", async () => {
  const { seen, answer } = watched();
  seen.load();
  await answer("Hi");
  seen.receive(delta(2, " Tomas"));
  seen.load();
  await answer("Hi T");
  assert.equal(seen.draft.text, "Hi Tomas");
  seen.load();
  await answer("Guten Tag");
  assert.equal(seen.draft.text, "Guten Tag");
});

test("without live updates a shorter text replaces a longer one", async () => {
  const { seen, answer } = watched();
  seen.load();
  await answer(OWN);
  seen.load();
  await answer("Hi Tomas,\n\nA");
  assert.equal(seen.draft.text, "Hi Tomas,\n\nA");
});

test("who comes in the middle gets the whole text, whatever was saved when", async () => {
  const { seen, answer, waiting } = watched();
  seen.load();
  seen.receive(delta(8, ", it"));
  await answer("Hi"); // saved before; the rest is asked for again
  assert.equal(waiting.length, 1);
  seen.receive(delta(12, " takes"));
  await answer("Hi Tomas");
  assert.equal(seen.draft.text, "Hi Tomas, it takes");
  assert.equal(waiting.length, 0);
  seen.receive(changed);
  await answer("Hi Tomas, it takes 5 days.", "ready");
  assert.equal(seen.draft.text, "Hi Tomas, it takes 5 days.");
});
