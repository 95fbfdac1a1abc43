/* What stands around the text of the composer: state, figures, buttons. Reads the composer, changes
   only what is shown; every line has its place whether it is filled or not. */

import { figures, stale, staleness, words } from "../draft/drafttext.js";
import { paint } from "./editor.js";
import { resting } from "./outgoing.js";
import { announce } from "../page/toast.js";
import { authorship, passages } from "./written.js";

export function render(composer) {
  const { part, element, editor, tab } = composer;
  const { draft, notice, active } = composer.draft;
  const text = tab === "note" ? composer.note.text : composer.text;
  const choice = composer.choice;
  const going = composer.sending.of(composer.ticket, tab);
  editor.classList.toggle("is-empty", !text && !editor.querySelector(".cite"));
  element.toggleAttribute("data-writing", tab === "reply" && draft?.state === "writing" && choice === "show");
  editor.dataset.placeholder = placeholder(tab, active);
  part["draft-number"].textContent = number(draft);
  part["draft-stop"].hidden = !composer.canStop;
  part["draft-reject"].disabled = !composer.canReject;
  part["draft-again"].disabled = draft?.state === "writing";
  part["draft-again"].firstElementChild.textContent = asking(draft);
  part.send.firstElementChild.textContent = tab === "note" ? "Save note" : "Send";
  part.send.disabled = Boolean(going) || resting(composer);
  element.classList.toggle("is-sending", Boolean(going));
  renderGoing(part, composer.sending, composer.ticket);
  renderBar(part, draft, choice, active);
  paint(editor, tab === "reply" && composer.touched ? passages(composer.doc, composer.sources) : []);
  renderFigures(composer, draft, notice);
}

/* Only what takes longer than usual is told. */
function renderGoing(part, sending, ticket) {
  const waiting = ["reply", "note"].map((kind) => sending.of(ticket, kind)).find((each) => each?.waiting || each?.tries > 1);
  part.going.hidden = !waiting;
  if (!waiting) return;
  const what = waiting.kind === "note" ? "Note not saved yet" : "Not sent yet";
  part["going-text"].textContent = `${what}: the desk does not answer. Trying again…`;
}

function asking(draft) {
  if (draft?.text) return "Write again";
  return draft?.state === "no_source" ? "Write anyway" : "Write a draft";
}

function placeholder(tab, active) {
  if (tab === "note") return "Note for the team; the customer never sees it";
  return active ? "" : "Write a reply";
}

function number(draft) {
  if (!draft) return "";
  if (draft.of > 1) return `AI draft ${draft.number} of ${draft.of}`;
  return draft.text ? "AI draft" : "";
}

function renderBar(part, draft, choice, active) {
  const bar = part["draft-bar"];
  const button = part["draft-bar-button"];
  const [text, label, warn] = offer(draft, choice, active);
  bar.hidden = !text || !part.going.hidden;
  bar.classList.toggle("is-warn", Boolean(warn));
  part["draft-bar-text"].textContent = text;
  button.hidden = !label;
  if (!label) return;
  button.firstChild.textContent = `${label} `;
  button.querySelector("kbd").textContent = warn ? "g" : "i";
}

function offer(draft, choice, active) {
  if (stale(draft) && !active) return [staleness(draft), "Write again", true];
  if (choice === "wait" && draft.state === "writing") return ["A draft is being written"];
  if (choice === "wait") return ["Draft ready", "Insert"];
  if (choice === "more") return ["The draft is finished", "Replace my text"];
  return [""];
}

function renderFigures(composer, draft, notice) {
  const { part } = composer;
  const told = composer.tab === "note" ? ofNote(composer.note.text) : figures({ ...composer, draft, notice, author: authorship(composer.doc, composer.sources) });
  const shown = composer.draft.loaded || composer.tab === "note" ? told : { state: "" };
  part["figures-state"].textContent = shown.state;
  part["figures-state"].className = shown.kind ? `is-${shown.kind}` : "";
  part["figures-state"].title = shown.state;
  part["figures-numbers"].textContent = shown.numbers || "";
  part["figures-numbers"].title = shown.title || "";
}

function ofNote(text) {
  return { state: "Only the team sees a note.", numbers: text.trim() ? `${words(text)} words` : "" };
}

/** Screen readers hear that it begins and that it is there, not every word of it. */
export function tellState(composer, draft) {
  const now = draft ? `${draft.id}:${draft.state}` : "";
  if (now === composer.lastTold) return;
  const first = composer.lastTold === undefined;
  composer.lastTold = now;
  if (draft?.state === "writing") announce("A draft is being written.");
  else if (draft?.state === "ready" && !(first && draft.review !== "pending")) {
    announce(`Draft ready, ${words(draft.text)} words.`);
  } else if (draft?.state === "no_source" && !first) announce("No source answers this.");
}
