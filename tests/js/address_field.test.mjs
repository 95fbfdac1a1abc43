/* What is a mail address, and which ones are in a text that was typed or pasted. */
import assert from "node:assert/strict";
import test from "node:test";

import { folded, isAddress, parse } from "../../static/js/page/mail_addresses.js";

const emails = (text) => parse(text).found.map((each) => each.email);

test("an address has something before and after the @, and a dot after it", () => {
  for (const each of ["a@b.example", "anna.berg+desk@mail.x.example", "o'neil@x.example", "a_b-c@x-y.example"]) assert.ok(isAddress(each), each);
  const wrong = ["", "anna", "@x.example", "a@", "a@b", "a@.example", "a@b..example", "a b@x.example", "a..b@x.example", ".a@x.example", "a@-x.example", "a@x.example,", "a@b@c.example", "a@10.0.0.1", "<a@b.example>"];
  for (const each of wrong) assert.ok(!isAddress(each), each);
});

test("letters beyond ASCII are allowed on both sides", () => {
  for (const each of ["jürgen@müller.example", "用户@例子.example", "иван@почта.example", "अजय@उदाहरण.example"]) assert.ok(isAddress(each), each);
});

test("an address that is too long is none, and takes no time", () => {
  assert.ok(!isAddress(`${"a".repeat(65)}@x.example`));
  assert.ok(!isAddress(`a@${"x".repeat(64)}.example`));
  assert.ok(!isAddress(`a@${"x.".repeat(200000)}example`));
});

test("names and addresses, as mail programs copy them", () => {
  assert.deepEqual(parse("Anna Berg <anna@x.example>, b@y.example"), {
    found: [{ name: "Anna Berg", email: "anna@x.example" }, { name: "", email: "b@y.example" }],
    rest: "",
  });
  assert.deepEqual(emails("a@x.example;b@x.example\nc@x.example\r\nd@x.example"), ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]);
  assert.deepEqual(emails("a@x.example b@x.example"), ["a@x.example", "b@x.example"]);
  assert.deepEqual(emails("mailto:a@x.example"), ["a@x.example"]);
});

test("a comma in a name is no end", () => {
  assert.deepEqual(parse('"Berg, Anna" <anna@x.example>').found, [{ name: "Berg, Anna", email: "anna@x.example" }]);
  assert.deepEqual(parse("Berg, Anna <anna@x.example>; Lee, Ben <ben@x.example>").found, [
    { name: "Berg, Anna", email: "anna@x.example" },
    { name: "Lee, Ben", email: "ben@x.example" },
  ]);
});

test("what is no address is left", () => {
  assert.deepEqual(parse("anna"), { found: [], rest: "anna" });
  assert.deepEqual(parse("a@x.example, ben@"), { found: [{ name: "", email: "a@x.example" }], rest: "ben@" });
  assert.deepEqual(parse("Anna <anna@>"), { found: [], rest: "Anna <anna@>" });
  assert.deepEqual(parse(" ,; \n"), { found: [], rest: "" });
});

test("a quotation mark that is never closed ends with its line", () => {
  assert.deepEqual(emails('"a@x.example\nb@x.example, c@x.example'), ["b@x.example", "c@x.example"]);
});

test("capital letters are no other address", () => {
  assert.equal(folded("Anna@X.Example"), folded("anna@x.example"));
});
