/* Which key does what on the desk: one table, which the list under "?" shows and the buttons repeat. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { actsOn, bound, escapes, KEYS } from "../../static/js/desk/keys.js";

const here = { ticket: true, dialog: false, typing: false, composer: false, selected: false };
const of = (key, mod = false) => KEYS.find((each) => each.key === key && Boolean(each.mod) === mod);
const works = (each, now) => each.when({ ...here, ...now });

test("no key has two meanings", () => {
  const pressed = KEYS.map(({ key, mod }) => `${mod ? "Ctrl " : ""}${key}`);
  assert.deepEqual([...new Set(pressed)], pressed);
});

test("Ctrl+Enter sends from the composer and from outside of every text field", () => {
  const send = of("Enter", true);
  assert.ok(works(send, {}));
  assert.ok(works(send, { typing: true, composer: true }));
  assert.ok(!works(send, { typing: true }));
  assert.ok(!works(send, { dialog: true }));
});

test("no action on a ticket works without an open ticket, or while another one is loading", () => {
  for (const does of ["send", "reply", "note", "forward", "escalate", "judge", "transfer", "close", "snooze", "insert", "regenerate", "revise", "reject", "assign", "priority", "tags", "correct", "replyAll", "copies"]) {
    assert.ok(!works(KEYS.find((each) => each.does === does), { ticket: false }), does);
  }
});

test("the actions that several tickets can have work with a selection and without an open ticket", () => {
  for (const does of ["transfer", "close", "assign", "priority", "tags"]) {
    const action = KEYS.find((each) => each.does === does);
    assert.ok(works(action, { ticket: false, selected: true }), does);
  }
  assert.ok(!works(of("d", true), { selected: true, dialog: true }));
});

test("a key means the selection, in the composer the open ticket", () => {
  assert.equal(actsOn({ ...here, selected: true }), "selection");
  assert.equal(actsOn({ ...here, selected: true, typing: true }), "selection"); // in the field of the search
  assert.equal(actsOn({ ...here, selected: true, typing: true, composer: true }), "ticket");
  assert.equal(actsOn(here), "ticket");
  assert.equal(actsOn({ ...here, ticket: false }), "");
  assert.equal(actsOn({ ...here, ticket: false, selected: true, composer: true }), "");
});

test("moving, searching, undo and the list of keys work without a ticket", () => {
  for (const key of ["j", "k", "o", "x", ".", "/", "z", "?", "Escape"]) assert.ok(works(of(key), { ticket: false }), key);
});

test("a dialog keeps its own Escape", () => assert.ok(!works(of("Escape"), { dialog: true })));

test("only moving through the queue repeats while a key is held", () => {
  assert.deepEqual(KEYS.filter((each) => each.repeat).map(({ key }) => key), ["j", "k"]);
});

test("a pressed key calls the action of its name", () => {
  const called = [];
  const actions = new Proxy({}, { get: (_, name) => (event) => called.push([name, event]) });
  const table = bound(KEYS, actions, () => here);
  table.find(({ key }) => key === "r").run("the event");
  assert.deepEqual(called, [["reply", "the event"]]);
  assert.ok(table.every(({ when }) => when("any")));
});

test("Escape closes what is on top first", () => {
  const all = { searching: true, excerpt: true, drawer: true, retrying: true, writing: true, typing: true, selected: true };
  const order = [];
  for (const [name] of Object.entries(all)) {
    order.push(escapes(all));
    all[name] = false;
  }
  assert.deepEqual(order, ["leaveSearch", "closeExcerpt", "closeDrawer", "cancelSending", "stop", "leaveText", "clearSelection"]);
  assert.equal(escapes(all), "");
});

test("every key of the table and every button of the desk has its action", () => {
  const source = readFileSync(new URL("../../static/js/desk/actions.js", import.meta.url), "utf8");
  const methods = new Set([...source.matchAll(/^ {2}(?:async )?(\w+)\(/gm)].map(([, name]) => name));
  const asked = KEYS.map(({ does }) => does);
  for (const [, name] of templates().matchAll(/data-do="([\w-]+)"/g)) asked.push(name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()));
  assert.deepEqual(asked.filter((name) => !methods.has(name)), []);
});

test("the keys that buttons announce are keys of the table", () => {
  const announced = [...templates().matchAll(/data-do="[\w-]+"[^>]*aria-keyshortcuts="([^"]+)"/g)].map(([, keys]) => keys.split(" ")[0]);
  assert.ok(announced.length > 5);
  const known = KEYS.map(({ key, mod }) => (mod ? `Control+${key.length === 1 ? key.toUpperCase() : key}` : key));
  assert.deepEqual(announced.filter((keys) => !known.includes(keys)), []);
});

test("the keys that buttons show are announced too", () => {
  const shown = [...templates().matchAll(/<button([^>]*data-do="[^>]*)>(.*?)<\/button>/gs)].flatMap(([, tag, content]) => {
    const [, key] = content.match(/{% key "([^"]+)" %}/) ?? [];
    return key && key !== "Esc" ? [{ key, tag }] : []; // Escape closes what is on top, whatever that is
  });
  assert.ok(shown.length > 10);
  const spoken = (key) => key.replace("Ctrl ", "Control+").replace("⏎", "Enter");
  const silent = shown.filter(({ key, tag }) => !tag.match(/aria-keyshortcuts="([^"]+)"/)?.[1].split(" ").includes(spoken(key)));
  assert.deepEqual(silent, []);
});

test("the menu of what is selected announces keys of the table", () => {
  const items = [...templates().matchAll(/<button[^>]*data-bulk="(\w+)"[^>]*aria-keyshortcuts="([^"]+)"[^>]*>(?:[^<]*?{% key "([^"]+)" %})?/g)];
  const known = KEYS.map(({ key, mod }) => (mod ? `Control+${key.toUpperCase()}` : key));
  assert.deepEqual(items.map(([, name]) => name), ["assign", "team", "priority", "tag", "snooze", "close", "clear"]);
  for (const [, name, keys, shown] of items) {
    assert.ok(known.includes(keys.split(" ")[0]), name);
    if (shown) assert.equal(shown.replace("Ctrl ", "Control+"), keys.split(" ")[0]);
  }
});

test("the menu of views announces its key", () => {
  assert.match(templates(), /id="more-views"><summary aria-keyshortcuts="v"/);
});

function templates() {
  const folder = new URL("../../templates/tickets/", import.meta.url);
  return readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
}
