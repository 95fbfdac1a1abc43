/* Pure: how far the sources support a finished draft, as the server found (`figures`, `sentences`, `insisted`). */

import { gettext, ngettext } from "../page/texts.js";
import { units } from "./codepoints.js";

/**
 * What the line of figures says: {state, kind}. Green means that every sentence is supported, every question answered,
 * and the answer probable enough; nothing else does. A draft from before sentences were checked has no verdict.
 */
export function verdict(draft) {
  if (draft.insisted) return { state: gettext("No source answers this. Closest sources only."), kind: "ai" };
  const { checked, supported, answered, sure } = checks(draft);
  if (!checked) return { state: gettext("Draft ready"), kind: "ai" };
  if (supported && answered && sure) return { state: `● ${gettext("Every sentence supported")}`, kind: "ok" };
  const said = [...(supported ? [] : [sentencesOf(draft)]), ...(answered ? [] : [questionsOf(draft)])];
  return warning(said.length ? said : [unsure()]);
}

/** The same for a draft that the model could not finish. `why`: what the model lacks. */
export function unfinished(draft, why) {
  return warning([...written(draft), why]);
}

function written(draft) {
  const { checked, supported } = checks(draft);
  if (!checked) return [];
  return [supported && draft.form === "evidence" ? gettext("The sources’ own words") : sentencesOf(draft)];
}

const warning = (said) => ({ state: `▲ ${said.join(" · ")}`, kind: "warn" });

const unsure = () => gettext("Check whether this answers the question.");

/** The same for screen readers; "" if there is no verdict. */
export function spoken(draft) {
  if (draft.state === "failed") return [...written(draft), draft.error].join(". ");
  if (draft.insisted) return gettext("Draft ready. No source answers this, it has only the closest sources.");
  const { checked, supported, answered, sure } = checks(draft);
  if (!checked) return "";
  const said = [ready(draft, supported)];
  if (!answered) said.push(open(draft));
  if (supported && answered && !sure) said.push(unsure());
  const [first] = doubtful(draft);
  if (first?.reason) said.push(first.reason);
  return said.join(" ");
}

function ready({ figures }, supported) {
  if (supported) return gettext("Draft ready, every sentence supported.");
  return ngettext("Draft ready, %(supported)s of %(count)s sentence supported.", "Draft ready, %(supported)s of %(count)s sentences supported.", figures.sentences, figures);
}

function open({ figures }) {
  return ngettext("%(answered)s of %(count)s question answered.", "%(answered)s of %(count)s questions answered.", figures.questions, figures);
}

function checks({ figures }) {
  if (!figures?.sentences || figures.supported == null) return { checked: false };
  return {
    checked: true,
    supported: figures.supported === figures.sentences,
    answered: (figures.answered ?? 0) >= (figures.questions ?? 0),
    sure: figures.sure === true,
  };
}

export function sentencesOf({ figures }) {
  return ngettext("%(supported)s of %(count)s sentence supported", "%(supported)s of %(count)s sentences supported", figures.sentences, figures);
}

function questionsOf({ figures }) {
  return ngettext("%(answered)s of %(count)s question answered", "%(answered)s of %(count)s questions answered", figures.questions, figures);
}

/** The sentences that are not supported: [{start, end, reason}], counted in UTF-16 units like the text of the editor. */
export function doubtful(draft) {
  const weak = (draft?.sentences ?? []).filter(({ support }) => support !== "supported");
  return weak.map(({ start, end, reason }) => ({ start: units(draft.text, start), end: units(draft.text, end), reason: reason || "" }));
}

/** The reason of the sentence at `caret`; without one there, of the first sentence that has one. */
export function reasonAt(sentences, caret) {
  const here = caret == null ? null : sentences.find(({ start, end, reason }) => reason && start <= caret && caret <= end);
  return (here ?? sentences.find(({ reason }) => reason))?.reason ?? "";
}

/** Is the reply the very text of a draft that was written although no source answers? `author`: see `authorship`. */
export function unsourced({ draft, inserted, author }) {
  return Boolean(draft?.insisted) && inserted === draft.id && author === "model";
}
