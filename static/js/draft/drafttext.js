/* Pure: how streamed text is put together, what a draft may do to the composer, and the line of figures below it.
   No DOM here, so that Node can test it (tests/js). */

import { decimal, gettext, listed, ngettext } from "../page/texts.js";
import { codePoints } from "./codepoints.js";
import { unfinished, verdict } from "./support.js";

/** Add a delta: {text, fits}. `fits` false: something was missed, fetch the snapshot again. */
export function applyDelta(text, at, delta) {
  const have = codePoints(text);
  if (at > have) return { text, fits: false };
  const known = have - at; // so much of the delta has arrived already
  return { text: text + [...delta].slice(known).join(""), fits: true };
}

/** The text of a snapshot with the deltas that came while it was fetched: {text, left}. `left`: they do not fit yet. */
export function caughtUp(text, deltas) {
  for (const [place, delta] of deltas.entries()) {
    const next = applyDelta(text, delta.at, delta.text);
    if (!next.fits) return { text, left: deltas.slice(place) };
    text = next.text;
  }
  return { text, left: [] };
}

/** Split into [{text}|{cite}] where [n] is one of `numbers` (any number, if null). */
export function pieces(text, numbers = null) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(/\[(\d{1,2})\]/g)) {
    const number = Number(match[1]);
    if (numbers && !numbers.includes(number)) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ cite: number });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

/** The text without a citation that has arrived only in part ("[1"). */
export function settled(text) {
  return text.replace(/\s?\[\d{0,2}$/, "");
}

export function words(text) {
  return (text.replace(/\[\d{1,2}\]/g, " ").match(/\S+/g) || []).length;
}

/**
 * What the composer does about `draft`:
 * "show"  put its text into the editor, which the agent has not changed
 * "wait"  offer it in the bar; the agent's own text stays
 * "more"  the agent began to edit it while it was being written; offer the finished text
 * "none"  nothing
 */
export function decide({ draft, text, touched, inserted, complete, used }) {
  if (!draft || !draft.text || !["queued", "writing", "ready", "stopped", "failed"].includes(draft.state)) return "none";
  if (used.has(draft.id)) return "none";
  if (inserted === draft.id) {
    if (!touched) return "show";
    return complete || draft.state === "writing" ? "none" : "more";
  }
  if (draft.review && draft.review !== "pending") return "none";
  if (stale(draft)) return "none";
  // There is a reply already: the draft must not be where the next key would send it too.
  if (draft.answered) return "wait";
  if (!touched) return "show";
  return text.trim() || inserted ? "wait" : "show";
}

/** The customer has written again, or a source was withdrawn: the draft is not shown unless asked for. */
export function stale(draft) {
  return Boolean(draft?.outdated || draft?.withdrawn?.length);
}

/** Why it is stale, for the page. */
export function staleness(draft) {
  if (draft.outdated) return gettext("The customer has written again");
  const { length } = draft.withdrawn;
  return ngettext("Source %(numbers)s was withdrawn", "Sources %(numbers)s were withdrawn", length, { numbers: listed(draft.withdrawn) });
}

const BY = {
  model: { state: gettext("AI draft"), kind: "ai" },
  mixed: { state: gettext("AI draft, edited by you"), kind: "ai" },
  own: { state: gettext("Your own words"), kind: "" },
};

/** The line of figures: {state, kind, numbers, title}. `author`: `authorship` in written.js. */
export function figures({ draft, notice, touched, author, text, used }) {
  const count = words(text);
  const own = count ? counted(count) : "";
  if (touched && count) return { ...(BY[author] || BY.own), numbers: own };
  if (notice && (!draft || !draft.text)) return { state: notice.text, kind: calm(notice) ? "ai" : "warn", numbers: own };
  if (!draft) return { state: gettext("No draft for this ticket yet."), kind: "", numbers: own };
  if (used.has(draft.id) && draft.review === "pending") return { state: "", kind: "", numbers: own };
  const shown = { numbers: own, ...ofDraft(draft, notice) };
  if (notice && draft.state === "ready" && draft.review === "pending") shown.state += ` · ${notice.text}`;
  return shown;
}

/** Waiting for its turn is not a problem. */
const calm = (notice) => ["next", "queue"].includes(notice.code);

function ofDraft(draft, notice) {
  const error = draft.error || gettext("The draft could not be written.");
  switch (draft.state) {
    case "queued":
      return waiting(draft, notice);
    case "writing":
      return { state: gettext("Draft is being written…"), kind: "ai" };
    case "no_source":
      return { state: gettext("No source answers this. The gap is noted for the authors."), kind: "warn", numbers: "" };
    case "by_rule":
      return { state: notice?.text || gettext("No draft by rule."), kind: "warn", numbers: "" };
    case "failed":
      return draft.text ? failed(draft, draft.error || notice?.text || error) : { state: notice?.text || error, kind: "bad" };
    case "stopped":
      return draft.text
        ? { state: gettext("Stopped. The text so far is kept."), kind: "warn" }
        : { state: gettext("Stopped before anything was written."), kind: "warn", numbers: "" };
    default:
      return draft.review && draft.review !== "pending" ? reviewed(draft) : ready(draft);
  }
}

function reviewed(draft) {
  const texts = {
    accepted: gettext("The draft was sent unchanged."),
    edited: gettext("The draft was edited and sent."),
    rejected: gettext("The draft was rejected."),
    ignored: gettext("The draft was not used."),
  };
  return { state: texts[draft.review] || "", kind: "", numbers: "" };
}

function ready(draft) {
  const { figures: known } = draft;
  const first = known?.first_token_seconds;
  return {
    ...verdict(draft),
    ...(known ? { numbers: numbersOf(draft) } : {}),
    title: first == null ? "" : gettext("First word after %(seconds)s s", { seconds: decimal(first) }),
  };
}

/** It may have text already: what the sources say by themselves. */
function waiting(draft, notice) {
  const why = notice?.text || gettext("Waiting for the model…");
  return { state: draft.text ? `${gettext("The sources’ own words")} · ${why}` : why, kind: notice && !calm(notice) ? "warn" : "ai" };
}

/** It has text: the sources' own words were there before the model failed, and the state says so. */
function failed(draft, why) {
  return { ...unfinished(draft, why), ...(draft.figures ? { numbers: numbersOf({ ...draft, form: "" }) } : {}) };
}

function numbersOf({ figures: known, form }) {
  const numbers = [counted(known.words)];
  if (known.seconds != null) numbers.push(gettext("%(seconds)s s", { seconds: decimal(known.seconds) }));
  if (known.sources != null) numbers.push(ngettext("%(count)s source", "%(count)s sources", known.sources));
  if (form === "evidence") numbers.push(gettext("the sources’ own words"));
  return numbers.join(" · ");
}

/** "61 words" */
export function counted(count) {
  return ngettext("%(count)s word", "%(count)s words", count);
}
