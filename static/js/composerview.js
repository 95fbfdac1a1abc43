/* What stands around the text of the composer: state, figures, buttons. Reads the composer, changes
   only what is shown; every line has its place whether it is filled or not. */

import { figures, stale, staleness, words } from "./drafttext.js";

export function render(composer) {
  const { part, element, editor, tab } = composer;
  const { draft, notice, active } = composer.draft;
  const text = tab === "note" ? composer.note.text : composer.text;
  const choice = composer.choice;
  editor.classList.toggle("is-empty", !text && !editor.querySelector(".cite"));
  element.toggleAttribute("data-writing", tab === "reply" && draft?.state === "writing" && choice === "show");
  editor.dataset.placeholder = placeholder(tab, active);
  part["draft-number"].textContent = number(draft);
  part["draft-stop"].hidden = !composer.canStop;
  part["draft-reject"].disabled = !composer.canReject;
  part["draft-again"].disabled = draft?.state === "writing";
  part["draft-again"].firstElementChild.textContent = asking(draft);
  part.send.firstElementChild.textContent = tab === "note" ? "Save note" : "Send";
  part.send.disabled = composer.sending;
  renderBar(part, draft, choice, active);
  renderFigures(composer, draft, notice);
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
  bar.hidden = !text;
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
  const told = composer.tab === "note" ? ofNote(composer.note.text) : figures({ ...composer, draft, notice });
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
