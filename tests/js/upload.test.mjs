/* What becomes of a file on its way to the server. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";

globalThis.location = new URL("https://desk.example/desk/5/");

/** A request that the test answers by hand. */
class Request extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { upload: new EventTarget(), headers: {}, status: 0, response: null, responseURL: "" });
    Request.last = this;
  }

  open(method, url) {
    Object.assign(this, { method, responseURL: new URL(url, location).href });
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  send(body) {
    this.body = body;
  }

  abort() {
    this.end("abort");
  }

  end(name, answer = {}) {
    Object.assign(this, answer);
    this.dispatchEvent(new Event(name));
    this.dispatchEvent(new Event("loadend"));
  }

  loaded(loaded, total) {
    this.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded, total }));
  }
}
globalThis.XMLHttpRequest = Request;

const { upload } = await import("../../static/js/page/upload.js");
const send = (progress = () => {}, signal = undefined) => upload("/desk/5/uploads", { note: "", csrfmiddlewaretoken: "t" }, progress, signal);

test("the answer, and the progress before it", async () => {
  const shares = [];
  const answer = send((share) => shares.push(share));
  Request.last.loaded(1, 4);
  Request.last.loaded(4, 4);
  Request.last.end("load", { status: 200, response: { upload: 7 } });
  assert.deepEqual(await answer, { upload: 7 });
  assert.deepEqual(shares, [0, 0.25, 1]);
  assert.equal(Request.last.body.get("csrfmiddlewaretoken"), "t");
});

for (const [status, response, said] of [
  [422, { error: "steps.exe was not attached." }, /^steps\.exe was not attached\.$/],
  [403, null, /Reload the page/],
  [404, null, /no longer exists/],
  [413, null, /too large/],
  [429, null, /Too many attempts/],
  [500, null, /error 500/],
]) {
  test(`what the server refuses says why: ${status}`, async () => {
    const answer = send();
    Request.last.end("load", { status, response });
    await assert.rejects(answer, (error) => error.status === status && said.test(error.message));
  });
}

test("who has been logged out gets the login page, which is no answer", async () => {
  const answer = send();
  Request.last.end("load", { status: 200, response: null, responseURL: "https://desk.example/login/?next=/desk/5/uploads" });
  await assert.rejects(answer, (error) => error.status === 401 && /logged out/.test(error.message));
});

test("an answer that makes no sense can be tried again", async () => {
  const answer = send();
  Request.last.end("load", { status: 200, response: null });
  await assert.rejects(answer, (error) => error.status === 500);
});

test("one that breaks off can be tried again", async () => {
  const answer = send();
  Request.last.end("error");
  await assert.rejects(answer, (error) => error.status === 0 && /broke off/.test(error.message));
});

test("it is given up after half a minute without progress, and not before", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const answer = send();
  const lost = assert.rejects(answer, (error) => error.status === 0);
  let aborted = false;
  Request.last.addEventListener("abort", () => (aborted = true));
  mock.timers.tick(29_000);
  Request.last.loaded(1, 4);
  mock.timers.tick(29_000);
  assert.equal(aborted, false);
  mock.timers.tick(1_001);
  assert.equal(aborted, true);
  await lost;
  mock.timers.reset();
});

test("it stops when the file is taken out", async () => {
  const stop = new AbortController();
  const answer = send(() => {}, stop.signal);
  stop.abort();
  await assert.rejects(answer);
});
