/* A picture in a mail is opened with a key too, and the page listens once for all of them. */
import assert from "node:assert/strict";
import test from "node:test";

const heard = [];
globalThis.HTMLElement = class {};
globalThis.customElements = { define: (_name, view) => Object.assign(globalThis, { view }) };
globalThis.document = { addEventListener: (name, listener) => heard.push([name, listener]) };
await import("../../static/js/desk/mail_view.js");

/** Whether the key opens the picture. */
function press(key, is = "mail-view img[data-picture]") {
  let clicked = 0;
  let kept = true;
  const target = { matches: (selector) => selector === is, click: () => (clicked += 1) };
  heard[0][1]({ key, target, preventDefault: () => (kept = false) });
  assert.equal(kept, !clicked);
  return clicked;
}

test("the page listens once, however often mails are shown", () => {
  for (const each of [1, 2]) {
    const added = [];
    const mail = Object.assign(new globalThis.view(), { querySelectorAll: () => [], addEventListener: (name) => added.push(name) });
    mail.connectedCallback();
    mail.connectedCallback();
    assert.deepEqual(added, [], `${each}`);
  }
  assert.deepEqual(heard.map(([name]) => name), ["keydown"]);
});

test("Enter and the space bar open a picture, other keys and other elements do nothing", () => {
  assert.deepEqual(["Enter", " ", "a", "Escape"].map((key) => press(key)), [1, 1, 0, 0]);
  assert.equal(press("Enter", "a"), 0);
});
