/* Which keydown is meant by a shortcut, on keyboards that need Shift for a sign. */
import assert from "node:assert/strict";
import test from "node:test";

globalThis.navigator ??= { platform: "Linux" };
const { matches } = await import("../../static/js/page/keyboard.js");

const NONE = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const pressed = (key, { altGraph = false, ...how } = {}) => ({ ...NONE, key, ...how, getModifierState: (name) => name === "AltGraph" && altGraph });
const means = (wanted, key, how, mac = false) => matches({ key: wanted }, pressed(key, how), mac);

test("a sign may need Shift", () => {
  for (const sign of ["#", "?", "/", "."]) {
    assert.ok(means(sign, sign), sign);
    assert.ok(means(sign, sign, { shiftKey: true }), sign);
  }
});

test("with AltGr, or Option on a Mac, no key is one: they write letters and signs", () => {
  assert.ok(!means("#", "#", { altGraph: true }));
  assert.ok(!means("#", "#", { altGraph: true, ctrlKey: true, altKey: true }));
  assert.ok(!means("#", "#", { altKey: true }, true));
});

test("a sign with another modifier belongs to the browser", () => {
  for (const how of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }, { metaKey: true, shiftKey: true }]) {
    assert.ok(!means("/", "/", how), JSON.stringify(how));
  }
  assert.ok(!means("/", "/", { metaKey: true, altKey: true }, true));
  assert.ok(!means("/", "?"));
});

test("letters, digits, Enter and Escape have no modifier", () => {
  for (const key of ["x", "1", "Enter", "Escape"]) {
    assert.ok(means(key, key), key);
    for (const how of [{ shiftKey: true }, { altGraph: true }, { ctrlKey: true }, { altKey: true }, { metaKey: true }]) {
      assert.ok(!means(key, key, how), `${key} ${JSON.stringify(how)}`);
    }
  }
  assert.ok(!means("x", "X", { shiftKey: true }));
  assert.ok(!means("x", "x", { altKey: true }, true));
});

test("the main modifier is Ctrl, on a Mac ⌘", () => {
  const close = { key: "d", mod: true };
  assert.ok(matches(close, pressed("d", { ctrlKey: true }), false));
  assert.ok(matches(close, pressed("D", { ctrlKey: true }), false)); // Caps Lock
  assert.ok(matches(close, pressed("d", { metaKey: true }), true));
  assert.ok(!matches(close, pressed("d", { ctrlKey: true }), true));
  assert.ok(!matches(close, pressed("d", { ctrlKey: true, shiftKey: true }), false));
});
