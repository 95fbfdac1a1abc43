/* Pure: mail addresses in what was typed or pasted. */

const LONGEST = 254; // characters of an address, as the server
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]{1,64}$/u; // a part between dots
const LABEL = /^[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;
const WITH_NAME = /^([^<>]*)<([^<>]*)>$/;

/** Can a mail go there, as far as its form tells? Letters beyond ASCII are allowed on both sides. */
export function isAddress(text) {
  const at = text.lastIndexOf("@");
  if (at < 1 || text.length > LONGEST || at > 64) return false;
  const domain = text.slice(at + 1).split(".");
  return text.slice(0, at).split(".").every((each) => LOCAL.test(each)) &&
    domain.length > 1 && domain.every((each) => LABEL.test(each)) && !/^\d+$/.test(domain.at(-1));
}

/** How an address is shown: by its name, if it has one. A name that looks like an address must not hide the real one. */
export function called({ name, email }) {
  return name && !/[@＠]/.test(name) ? name : email;
}

/** Two spellings of one address are the same. */
export function folded(email) {
  return email.normalize("NFC").toLowerCase();
}

/** {found: [{name, email}], rest}: the addresses of a text such as "Anna Berg <anna@x.example>, b@y.example"; `rest` is what
    is none. */
export function parse(text) {
  const found = [];
  const rest = [];
  for (const piece of pieces(text)) {
    const each = one(piece);
    if (each) found.push(each);
    else rest.push(...words(piece, found));
  }
  return { found, rest: rest.join(", ") };
}

function one(piece) {
  const named = piece.match(WITH_NAME);
  const email = (named ? named[2] : piece).trim().replace(/^mailto:/i, "");
  return isAddress(email) ? { name: named ? unquoted(named[1]) : "", email } : null;
}

/* Addresses with nothing but space between them. */
function words(piece, found) {
  const each = piece.split(/\s+/).map(one);
  if (each.length < 2 || each.includes(null)) return [piece];
  found.push(...each);
  return [];
}

function unquoted(name) {
  const text = name.trim();
  return text.length > 1 && /^(["']).*\1$/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, "$1").trim() : text;
}

/* Split at commas, semicolons and lines, but not between quotation marks or in "Berg, Anna <anna@x.example>". */
function pieces(text) {
  const all = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '"' && text[at - 1] !== "\\") quoted = !quoted;
    const line = at === text.length || text[at] === "\n" || text[at] === "\r";
    if (!line && (quoted || (text[at] !== "," && text[at] !== ";"))) continue;
    all.push({ text: text.slice(from, at).trim(), comma: text[at] === "," });
    if (line) quoted = false;
    from = at + 1;
  }
  return joined(all.filter((each) => each.text)).map((each) => each.text);
}

function joined(all) {
  const found = [];
  for (const each of all) {
    const before = found.at(-1);
    if (before?.comma && !before.text.includes("@") && each.text.includes("<")) {
      Object.assign(before, { text: `${before.text}, ${each.text}`, comma: each.comma });
    } else found.push({ ...each });
  }
  return found;
}
