/* node --test tests/js : what the buttons of the article editor do to a text. */
import assert from "node:assert/strict";
import test from "node:test";

import { edit } from "../../static/js/admin/markdown_edit.js";

// "a [b] c": the selection stands in brackets; so does the one afterwards.
function run(kind, marked) {
  const start = marked.indexOf("⟦");
  const end = marked.indexOf("⟧") - 1;
  const value = marked.replace(/[⟦⟧]/g, "");
  const { from, to, text, first, last } = edit(kind, value, start, end);
  const after = value.slice(0, from) + text + value.slice(to);
  return `${after.slice(0, first)}⟦${after.slice(first, last)}⟧${after.slice(last)}`;
}

test("marks go on and off", () => {
  assert.equal(run("bold", "a ⟦b⟧ c"), "a **⟦b⟧** c");
  assert.equal(run("bold", "a **⟦b⟧** c"), "a ⟦b⟧ c");
  assert.equal(run("bold", "a ⟦**b**⟧ c"), "a ⟦b⟧ c");
  assert.equal(run("italic", "a ⟦b⟧ c"), "a *⟦b⟧* c");
  assert.equal(run("code", "⟦⟧"), "`⟦code⟧`");
});

test("italic inside bold adds, and takes nothing away", () => {
  assert.equal(run("italic", "**⟦b⟧**"), "***⟦b⟧***");
  assert.equal(run("italic", "⟦**b**⟧"), "*⟦**b**⟧*");
});

test("a link asks for what is missing", () => {
  assert.equal(run("link", "see ⟦here⟧"), "see [here](⟦address⟧)");
  assert.equal(run("link", "see ⟦https://a.example/b⟧"), "see [⟦text⟧](https://a.example/b)");
  assert.equal(run("link", "⟦⟧"), "[⟦text⟧](address)");
});

test("headings go round", () => {
  assert.equal(run("heading", "x\nPri⟦⟧ce\ny"), "x\n## Price⟦⟧\ny");
  assert.equal(run("heading", "## Pri⟦⟧ce"), "### Price⟦⟧");
  assert.equal(run("heading", "### Pri⟦⟧ce"), "Price⟦⟧");
});

test("lists are made and unmade line by line", () => {
  assert.equal(run("list", "x\n⟦a\nb⟧\ny"), "x\n⟦- a\n- b⟧\ny");
  assert.equal(run("list", "⟦- a\n- b⟧"), "⟦a\nb⟧");
  assert.equal(run("list", "⟦1. a\n\n2. b⟧"), "⟦- a\n\n- b⟧");
  assert.equal(run("list", "⟦⟧"), "- ⟦⟧");
});
