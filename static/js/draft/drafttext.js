/* Pure: how streamed text is put together, and what a draft may do to the composer. No DOM here,
   so that Node's own test runner can prove it (tests/js). */

/** Python counts code points, JavaScript UTF-16 units; offsets on the wire are code points. */
export function codePoints(text) {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Add a delta: {text, fits}. `fits` false: something was missed, fetch the snapshot again. */
export function applyDelta(text, at, delta) {
  const have = codePoints(text);
  if (at > have) return { text, fits: false };
  const known = have - at; // this much of the delta is here already
  return { text: text + [...delta].slice(known).join(""), fits: true };
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

/** A citation may be cut in two by the stream: what can be shown now, without a half "[1". */
export function settled(text) {
  return text.replace(/\s?\[\d{0,2}$/, "");
}

export function words(text) {
  return (text.replace(/\[\d{1,2}\]/g, " ").match(/\S+/g) || []).length;
}

/**
 * What the composer does about `draft`:
 * "show"  put its text into the editor, which nobody has touched
 * "wait"  offer it behind the bar, the agent's own text stays
 * "more"  the agent began to edit while it was being written; the finished text waits
 * "none"  nothing
 */
export function decide({ draft, text, touched, inserted, complete, used }) {
  if (!draft || !draft.text || !["writing", "ready", "stopped", "failed"].includes(draft.state)) return "none";
  if (used.has(draft.id)) return "none";
  if (inserted === draft.id) {
    if (!touched) return "show";
    return complete || draft.state === "writing" ? "none" : "more";
  }
  if (draft.review && draft.review !== "pending") return "none";
  if (stale(draft)) return "none";
  // Somebody has replied since: not to be put where the next press would send it as well.
  if (draft.answered) return "wait";
  if (!touched) return "show";
  return text.trim() || inserted ? "wait" : "show";
}

/** The customer has written again, or a source was withdrawn: not to be put before anybody unasked. */
export function stale(draft) {
  return Boolean(draft?.outdated || draft?.withdrawn?.length);
}

/** Why it is stale, in words. */
export function staleness(draft) {
  if (draft.outdated) return "The customer has written again";
  const numbers = draft.withdrawn.join(" and ");
  return draft.withdrawn.length > 1 ? `Sources ${numbers} were withdrawn` : `Source ${numbers} was withdrawn`;
}

const BY = {
  model: { state: "AI draft", kind: "ai" },
  mixed: { state: "AI draft, edited by you", kind: "ai" },
  own: { state: "Your own words", kind: "" },
};

/** The line of figures: {state, kind, numbers, title}. Always something, always in words. `author`: written.js. */
export function figures({ draft, notice, touched, author, text, used }) {
  const count = words(text);
  const own = count ? `${count} word${count === 1 ? "" : "s"}` : "";
  if (touched && count) return { ...(BY[author] || BY.own), numbers: own };
  if (notice && (!draft || !draft.text)) return { state: notice.text, kind: calm(notice) ? "ai" : "warn", numbers: own };
  if (!draft) return { state: "No draft for this ticket yet.", kind: "", numbers: own };
  if (used.has(draft.id) && draft.review === "pending") return { state: "", kind: "", numbers: own };
  const told = { numbers: own, ...ofDraft(draft, notice) };
  if (notice && draft.state === "ready" && draft.review === "pending") told.state += ` · ${notice.text}`;
  return told;
}

/** A draft that waits for its turn is no fault. */
const calm = (notice) => ["next", "queue"].includes(notice.code);

function ofDraft(draft, notice) {
  const error = draft.error || "The draft could not be written.";
  switch (draft.state) {
    case "queued":
      return { state: "Waiting for the model…", kind: "ai" };
    case "writing":
      return { state: "Being written…", kind: "ai" };
    case "no_source":
      return { state: "No source answers this. The gap is noted for the authors.", kind: "warn", numbers: "" };
    case "failed":
      return { state: notice?.text || error, kind: "bad" };
    case "stopped":
      return { state: "Stopped; what was written so far stays.", kind: "warn" };
    default:
      return draft.review && draft.review !== "pending" ? reviewed(draft) : ready(draft);
  }
}

function reviewed(draft) {
  const words = {
    accepted: "The draft was sent as written.",
    edited: "The draft was edited and sent.",
    rejected: "The draft was rejected.",
    ignored: "The draft was not used.",
  };
  return { state: words[draft.review] || "", kind: "", numbers: "" };
}

function ready(draft) {
  const told = draft.figures;
  if (!told) return { state: "Draft ready", kind: "ai" };
  const all = told.cited_sentences >= told.sentences;
  const numbers = [`${told.words} words`];
  if (told.seconds != null) numbers.push(`${Number(told.seconds).toFixed(1)} s`);
  if (told.sources != null) numbers.push(`${told.sources} source${told.sources === 1 ? "" : "s"}`);
  const first = told.first_token_seconds;
  return {
    state: `${all ? "●" : "▲"} ${told.cited_sentences} of ${told.sentences} sentences cited`,
    kind: all ? "ok" : "warn",
    numbers: numbers.join(" · "),
    title: first == null ? "" : `First word after ${Number(first).toFixed(1)} s`,
  };
}
