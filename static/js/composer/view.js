/* Everything around the text of the composer: state, figures, buttons. Reads the composer and changes only what is
   shown. Empty lines keep their place, so that nothing jumps. */

import { counted, figures, stale, staleness, words } from "../draft/drafttext.js";
import { spoken } from "../draft/support.js";
import { resting } from "./outgoing.js";
import { gettext, ngettext } from "../page/texts.js";
import { announce } from "../page/toast.js";
import { authorship, passages } from "./written.js";

export function render(composer) {
  const { part, element, editor, tab } = composer;
  const { draft, notice, active } = composer.draft;
  const text = tab === "note" ? composer.note.text : composer.text;
  const choice = composer.choice;
  const entry = composer.sending.of(composer.ticket, tab);
  editor.classList.toggle("is-empty", !text && !editor.querySelector(".cite"));
  element.toggleAttribute("data-writing", tab === "reply" && draft?.state === "writing" && choice === "show");
  editor.dataset.placeholder = placeholder(tab, active);
  part["draft-number"].textContent = number(draft);
  const { revising } = composer; // not there yet the first time
  part["draft-stop"].hidden = !composer.canStop && !revising?.running;
  part["draft-revise"].hidden = !part["draft-stop"].hidden; // they have one place
  part["draft-revise"].disabled = !revising?.possible;
  part["draft-reject"].disabled = !composer.canReject;
  part["draft-regenerate"].hidden = draft?.state === "by_rule";
  part["draft-regenerate"].disabled = draft?.state === "writing";
  part["draft-regenerate"].firstElementChild.textContent = regenerateLabel(draft);
  part.send.firstElementChild.textContent = tab === "note" ? gettext("Save note") : gettext("Send");
  part.send.disabled = Boolean(entry) || resting(composer);
  element.classList.toggle("is-sending", Boolean(entry));
  renderRetrying(part, composer.sending, composer.ticket);
  renderBar(part, draft, choice);
  composer.highlights.tint(tab === "reply" && composer.touched ? passages(composer.doc, composer.sources) : []);
  composer.findings?.render();
  composer.highlights.doubt(tab === "reply" ? (composer.unedited ?? revising?.shown) : null);
  renderFigures(composer, draft, notice);
}

/** The other tab was chosen. */
export function showTab({ element, part, editor, tab }) {
  element.dataset.tab = tab;
  for (const each of element.querySelectorAll('[role="tab"]')) {
    const on = each.dataset.tab === tab;
    each.setAttribute("aria-selected", on);
    each.tabIndex = on ? 0 : -1;
  }
  part["composer-panel"].setAttribute("aria-labelledby", `tab-${tab}`);
  // A note goes to nobody.
  editor.setAttribute("aria-describedby", tab === "note" ? "figures" : "recipients-text figures");
  editor.setAttribute("aria-label", tab === "note" ? gettext("Internal note") : gettext("Reply"));
}

/* Shown only when sending takes longer than usual. */
function renderRetrying(part, sending, ticket) {
  const waiting = ["reply", "note"].map((kind) => sending.of(ticket, kind)).find((each) => each?.waiting || each?.tries > 1);
  part.retrying.hidden = !waiting;
  if (!waiting) return;
  part["retrying-text"].textContent =
    waiting.kind === "note"
      ? gettext("Note not saved yet: Copydesk does not respond. Trying again…")
      : gettext("Not sent yet: Copydesk does not respond. Trying again…");
}

function regenerateLabel(draft) {
  if (draft?.text) return gettext("Regenerate");
  return draft?.state === "no_source" ? gettext("Write anyway") : gettext("Write a draft");
}

function placeholder(tab, active) {
  if (tab === "note") return gettext("Note for the team. The customer never sees it.");
  return active ? "" : gettext("Write a reply");
}

function number(draft) {
  if (!draft) return "";
  if (draft.of > 1) return gettext("AI draft %(number)s of %(count)s", { number: draft.number, count: draft.of });
  return draft.text ? gettext("AI draft") : "";
}

function renderBar(part, draft, choice) {
  const bar = part["draft-bar"];
  const button = part["draft-bar-button"];
  const [text, label, warn] = offer(draft, choice);
  bar.hidden = !text || !part.retrying.hidden;
  bar.classList.toggle("is-warn", Boolean(warn));
  part["draft-bar-text"].textContent = text;
  button.hidden = !label;
  if (!label) return;
  button.firstChild.textContent = `${label} `;
  button.querySelector("kbd").textContent = warn ? "g" : "i";
}

function offer(draft, choice) {
  if (stale(draft) && draft.state !== "writing") return [staleness(draft), gettext("Regenerate"), true];
  if (choice === "wait" && draft.state === "writing") return [gettext("A draft is being written")];
  if (choice === "wait") return [gettext("Draft ready"), gettext("Insert")];
  if (choice === "more") return [gettext("The draft is finished"), gettext("Replace my text")];
  return [""];
}

function renderFigures(composer, draft, notice) {
  const { part } = composer;
  const current = composer.tab === "note" ? ofNote(composer.note.text) : figures({ ...composer, draft, notice, author: authorship(composer.doc, composer.sources) });
  const shown = composer.revising?.figures ?? (composer.draft.loaded || composer.tab === "note" ? current : { state: "" });
  part["figures-state"].textContent = shown.state;
  part["figures-state"].className = shown.kind ? `is-${shown.kind}` : "";
  part["figures-state"].title = shown.state;
  const reason = part["figures-reason"];
  reason.textContent = reason.title = composer.highlights.reason;
  const numbers = [shown.numbers, composer.touched ? composer.findings?.origins : ""].filter(Boolean).join(" · ");
  part["figures-numbers"].textContent = numbers;
  part["figures-numbers"].title = [numbers, shown.title].filter(Boolean).join(" · ");
}

function ofNote(text) {
  return { state: gettext("Only the team sees notes."), numbers: text.trim() ? counted(words(text)) : "" };
}

/** For screen readers: that a draft is being written and that it is ready, not every word of it. */
export function announceState(composer, draft) {
  const now = draft ? `${draft.id}:${draft.state}` : "";
  if (now === composer.lastAnnounced) return;
  const first = composer.lastAnnounced === undefined;
  composer.lastAnnounced = now;
  if (draft?.state === "writing") announce(gettext("A draft is being written."));
  else if (draft?.state === "ready" && !(first && draft.review !== "pending")) {
    announce(spoken(draft) || ngettext("Draft ready, %(count)s word.", "Draft ready, %(count)s words.", words(draft.text)));
  } else if (draft?.state === "failed" && !first) announce(spoken(draft));
  else if (draft?.state === "no_source" && !first) announce(composer.draft.notice?.text || gettext("No source answers this."));
  else if (draft?.state === "by_rule" && !first) announce(gettext("No draft by rule."));
}
