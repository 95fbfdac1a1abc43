/* Pure: what the server answers while it revises the text of the composer, and what the page says of it. */

import { units } from "../draft/codepoints.js";
import { counted, words } from "../draft/drafttext.js";
import { sentencesOf } from "../draft/support.js";
import { gettext } from "../page/texts.js";
import { plain, sentences, slice } from "../composer/written.js";

/** One line of the answer, as {doc, now: [start, end] or null, number, of, done, sentences, supported, note}. */
export function step(line) {
  const at = (points) => units(line.text, points);
  const marks = line.marks.map(([point, number, draft]) => [at(point), number, draft]);
  return { ...line, doc: { text: line.text, marks }, now: line.now && line.now.map(at) };
}

/** What only `after` has, sentence by sentence: that a model wrote. */
export function newText(before, after) {
  const had = new Set(sentences(before.text).map(({ start, end }) => plain(slice(before, start, end))));
  const said = sentences(after.text).map(({ start, end }) => plain(slice(after, start, end)));
  return said.filter((each) => !had.has(each)).join(" ");
}

/** The line of figures while `step` is done; afterwards that of its result. Never green: nobody has looked at all of it. */
export function figures({ done, doc, number, of, sentences: checked = [], supported }) {
  const numbers = counted(words(doc.text));
  if (!done) return { state: of ? gettext("Sentence %(number)s of %(count)s is being revised. Esc stops it.", { number, count: of }) : gettext("The text is being revised. Esc stops it."), kind: "ai", numbers };
  if (!checked.length) return { state: gettext("Revised"), kind: "ai", numbers };
  if (supported === checked.length) return { state: `${gettext("Revised")} · ${gettext("Every sentence supported")}`, kind: "ai", numbers };
  return { state: `▲ ${gettext("Revised")} · ${sentencesOf({ figures: { supported, sentences: checked.length } })}`, kind: "warn", numbers };
}
