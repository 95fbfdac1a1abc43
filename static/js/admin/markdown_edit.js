// What each toolbar button does to the text. Pure: (text, selection) -> what to replace and what to select then.

import { gettext } from "../page/texts.js";

const MARKS = { bold: "**", italic: "*", code: "`" };
const SAMPLES = { bold: gettext("bold"), italic: gettext("italic"), code: gettext("code") };

// Returns { from, to, text, first, last }: replace [from, to) by `text`, then select [first, last).
export function edit(kind, value, start, end) {
  if (kind in MARKS) return wrap(MARKS[kind], SAMPLES[kind], value, start, end);
  if (kind === "link") return link(value, start, end);
  return lines(kind, value, start, end);
}

function wrap(mark, sample, value, start, end) {
  const selected = value.slice(start, end);
  const size = mark.length;
  const alone = (text) => mark !== "*" || !text.startsWith("**");
  if (selected.startsWith(mark) && selected.endsWith(mark) && selected.length > 2 * size && alone(selected)) {
    return { from: start, to: end, text: selected.slice(size, -size), first: start, last: end - 2 * size };
  }
  const outside = value.slice(start - size, start) === mark && value.slice(end, end + size) === mark;
  if (selected && outside && alone(value.slice(start - size - 1, start + 1).trim())) {
    return { from: start - size, to: end + size, text: selected, first: start - size, last: end - size };
  }
  const words = selected || sample;
  return { from: start, to: end, text: `${mark}${words}${mark}`, first: start + size, last: start + size + words.length };
}

function link(value, start, end) {
  const selected = value.slice(start, end);
  const address = /^(https?:\/\/|\/)\S+$/.test(selected);
  const words = address ? gettext("text") : selected || gettext("text");
  const target = address ? selected : gettext("address");
  const text = `[${words}](${target})`;
  const at = start + (address || !selected ? 1 : words.length + 3);
  return { from: start, to: end, text, first: at, last: at + (address || !selected ? words.length : target.length) };
}

function lines(kind, value, start, end) {
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const stop = value.indexOf("\n", end > start && value[end - 1] === "\n" ? end - 1 : end);
  const to = stop === -1 ? value.length : stop;
  const old = value.slice(from, to).split("\n");
  const changed = kind === "heading" ? old.map(heading) : list(old);
  const text = changed.join("\n");
  return { from, to, text, first: old.length > 1 ? from : from + text.length, last: from + text.length };
}

// No heading -> ## -> ### -> no heading.
function heading(words) {
  const [, marks, rest] = words.match(/^(#*)\s*(.*)$/);
  return { 0: `## ${rest}`, 2: `### ${rest}` }[marks.length] ?? rest;
}

function list(old) {
  const all = old.filter((words) => words.trim()).every((words) => /^\s*- /.test(words)) && old.some((words) => words.trim());
  return old.map((words) => {
    if (!words.trim() && old.length > 1) return words;
    return all ? words.replace(/^(\s*)- /, "$1") : `- ${words.replace(/^\s*(?:[*+]|\d+[.)])\s+/, "")}`;
  });
}
