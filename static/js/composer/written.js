/* Pure: the text in the composer. `doc` is {text, marks: [[at, number, draft]]}: marks say which "[n]" of the text are
   citations of a draft; any other "[n]" was typed and stays as it is. `at` counts UTF-16 units here and code points
   in what is sent. */

import { codePoints, units } from "../draft/codepoints.js";
import { pieces } from "../draft/drafttext.js";

export const NOTHING = Object.freeze({ text: "", marks: Object.freeze([]) });

/** The text of a draft: each "[n]" with the number of a source is a citation. */
export function fromDraft(text, numbers, draft) {
  const marks = [];
  let at = 0;
  for (const piece of pieces(text, numbers)) {
    if (piece.cite) marks.push([at, piece.cite, draft]);
    at += piece.cite ? `[${piece.cite}]`.length : piece.text.length;
  }
  return { text, marks };
}

/** The doc in order: [{text}|{cite, draft}]. */
export function parts({ text, marks }) {
  const found = [];
  let from = 0;
  for (const [at, number, draft] of [...marks].sort((one, other) => one[0] - other[0])) {
    const mark = `[${number}]`;
    if (at < from || text.slice(at, at + mark.length) !== mark) continue; // no longer there
    if (at > from) found.push({ text: text.slice(from, at) });
    found.push({ cite: number, draft });
    from = at + mark.length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

/** The reverse of `parts`. */
export function joined(found) {
  let text = "";
  const marks = [];
  for (const part of found) {
    if (part.cite) marks.push([text.length, part.cite, part.draft]);
    text += part.cite ? `[${part.cite}]` : part.text;
  }
  return { text, marks };
}

/** Without citations and the space before each: what the customer reads. */
export function plain(doc) {
  let text = "";
  for (const part of parts(doc)) text = part.cite ? text.replace(/ $/, "") : text + part.text;
  return text;
}

export function slice({ text, marks }, from, to = text.length) {
  const inside = marks.filter(([at, number]) => at >= from && at + `[${number}]`.length <= to);
  return { text: text.slice(from, to), marks: inside.map(([at, number, draft]) => [at - from, number, draft]) };
}

export function trimmed(doc) {
  const start = doc.text.length - doc.text.trimStart().length;
  return slice(doc, start, Math.max(start, doc.text.trimEnd().length));
}

export function together(docs, between) {
  const found = [];
  for (const doc of docs.filter((each) => each.text.trim())) {
    if (found.length) found.push({ text: between });
    found.push(...parts(trimmed(doc)));
  }
  return joined(found);
}

/**
 * What was typed into `now` after `sent` was sent.
 * If the sent part was changed too, all of `now` is kept: nothing typed is lost.
 */
export function rest(sent, now) {
  const before = trimmed(sent).text;
  const after = now.text;
  if (after.trim() === before) return NOTHING;
  const at = after.indexOf(before);
  if (at >= 0) return together([slice(now, 0, at), slice(now, at + before.length)], "\n\n");
  let head = 0;
  while (head < before.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const onlyAdded = head + tail === before.length && after.length > before.length;
  return onlyAdded ? trimmed(slice(now, head, after.length - tail)) : now;
}

/** The part of `now` that has not arrived. `same` false: an earlier try arrived with another text, so all of it. */
export function unsent(sent, now, { same } = {}) {
  return same === false ? now : rest(sent, now);
}

// --- who wrote it -----------------------------------------------------------------

const SENTENCE = /[^\n]+?(?:[.!?…](?=\s|\[|$)|[。！？]|(?=\n)|$)/gu;
const WORD = /[\p{L}\p{N}]+/gu;
const ALIKE = 0.6; // share of common words from which a sentence still counts as the model's
const MOST = 400; // sentences; for longer texts comparing at every key would be too slow

function bag(text) {
  return text.toLowerCase().match(WORD) || [];
}

function alike(one, other) {
  const left = [...other];
  let common = 0;
  for (const word of one) {
    const at = left.indexOf(word);
    if (at < 0) continue;
    left.splice(at, 1);
    common++;
  }
  return common / Math.max(one.length, other.length, 1);
}

export function sentences(text) {
  return [...text.matchAll(SENTENCE)].map((match) => ({
    start: match.index + match[0].length - match[0].trimStart().length,
    end: match.index + match[0].trimEnd().length,
  })).filter(({ start, end }) => end > start);
}

/** [[start, end, draft]] of the sentences that a model wrote and nobody has rewritten. `sources`: [{draft, text}]. */
export function passages(doc, sources) {
  const known = sources.flatMap(({ draft, text }) => sentences(text).map(({ start, end }) => ({ draft, words: bag(text.slice(start, end)) })));
  const own = sentences(doc.text);
  if (!known.length || own.length > MOST) return known.length ? [[0, doc.text.length, known[0].draft]] : [];
  const found = [];
  for (const { start, end } of own) {
    const words = bag(plain(slice(doc, start, end)));
    const from = words.length ? known.find((each) => alike(words, each.words) >= ALIKE) : null;
    if (from) found.push([start, end, from.draft]);
  }
  return found;
}

/** "": no text; "model": word by word; "mixed": in part or changed; "own": none of it is the model's. */
export function authorship(doc, sources) {
  const words = bag(plain(doc)).join(" ");
  if (!words) return "";
  if (!passages(doc, sources).length) return "own";
  const written = sources.map(({ text }) => bag(text).join(" "));
  return written.includes(words) || written.join(" ") === words ? "model" : "mixed";
}

// --- as sent -------------------------------------------------------------------

/** {marks, passages} for the server. */
export function toWire(doc, sources) {
  const at = (unit) => codePoints(doc.text.slice(0, unit));
  return {
    marks: doc.marks.map(([unit, number, draft]) => [at(unit), number, draft]),
    passages: passages(doc, sources).map(([start, end, draft]) => [at(start), at(end), draft]),
  };
}

/** What the server stored, as {doc, sources, prepared}. */
export function fromWire({ text, prepared, marks, passages: kept }) {
  const doc = { text, marks: (marks || []).map(([at, number, draft]) => [units(text, at), number, draft]) };
  const sources = (kept || []).map(([start, end, draft]) => ({
    draft,
    text: plain(slice(doc, units(text, start), units(text, end))),
  }));
  return { doc, sources, prepared: Number(prepared) || null };
}
