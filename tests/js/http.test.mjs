/* What a request that ends badly says. */
import assert from "node:assert/strict";
import test from "node:test";

import { Failure, getHtml, getJson, isUnsure, mayPass, post } from "../../static/js/page/http.js";

globalThis.document = { querySelector: () => ({ content: "token" }) };

function answers(answer) {
  globalThis.fetch = async () => ({ ok: true, redirected: false, status: 200, ...answer });
}

async function cutOff() {
  throw new DOMException("signal is aborted without reason", "AbortError");
}

for (const ask of [getHtml, getJson, post]) {
  test(`an answer that is cut off is a failed request: ${ask.name}`, async () => {
    answers({ text: cutOff, json: cutOff });
    await assert.rejects(ask("/desk/queue"), (error) => error instanceof Failure && error.status === 0);
  });
}

test("without an answer, or after an error of the server, it may have been done", () => {
  for (const status of [0, 500, 503]) assert.equal(isUnsure(new Failure("", status)), true);
  for (const status of [403, 409, 422, 429]) assert.equal(isUnsure(new Failure("", status)), false);
});

test("what may pass can be tried again", () => {
  for (const status of [0, 429, 500]) assert.equal(mayPass(new Failure("", status)), true);
  for (const status of [403, 409, 422]) assert.equal(mayPass(new Failure("", status)), false);
});
