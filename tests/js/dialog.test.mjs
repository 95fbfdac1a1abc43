/* Dialogs that are closed and opened again before the browser tells that they were closed. */
import assert from "node:assert/strict";
import test from "node:test";

import { open, whenClosed } from "../../static/js/dialogs/dialog.js";

class Dialog extends EventTarget {
  dataset = {};
  open = false;

  showModal() {
    this.open = true;
  }

  close() {
    this.open = false;
  }

  contains() {
    return false;
  }

  /* A browser does this a moment after closing. */
  tell() {
    this.dispatchEvent(new Event("close"));
  }
}

function page(...dialogs) {
  const body = {};
  globalThis.getSelection = () => ({ rangeCount: 0 });
  globalThis.document = { body, activeElement: body, querySelector: () => dialogs.find((each) => each.open) ?? null };
}

function opened(dialog, name, told) {
  assert.equal(open(dialog), true);
  whenClosed(dialog, () => told.push(name));
}

test("what is to be done after closing is done once", () => {
  const [dialog, told] = [new Dialog(), []];
  page(dialog);
  opened(dialog, "first", told);
  dialog.close();
  dialog.tell();
  dialog.tell();
  assert.deepEqual(told, ["first"]);
});

test("opened again before that is told, the first time is over, and the second goes on", () => {
  const [dialog, told] = [new Dialog(), []];
  page(dialog);
  opened(dialog, "first", told);
  dialog.close();
  opened(dialog, "second", told);
  assert.deepEqual(told, ["first"]);
  dialog.tell(); // of the first time
  assert.deepEqual(told, ["first"]);
  dialog.close();
  dialog.tell();
  assert.deepEqual(told, ["first", "second"]);
});

test("while one is open no other opens", () => {
  const [one, other] = [new Dialog(), new Dialog()];
  page(one, other);
  open(one);
  assert.deepEqual([open(other), open(one), other.open], [false, false, false]);
});
