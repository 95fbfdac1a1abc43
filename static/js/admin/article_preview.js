// The preview beside the text and the remarks under it, both made by the server.

import { latest, line, posted } from "./article_posting.js";

const PREVIEW_DELAY = 300;
const REMARKS_DELAY = 900;

function afterPause(textarea, delay, work) {
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(work, delay);
  };
  textarea.addEventListener("input", later);
  textarea.form.elements.title.addEventListener("input", later);
  work();
}

export function startPreview(textarea, pane) {
  const ask = latest();
  afterPause(textarea, PREVIEW_DELAY, async () => {
    pane.setAttribute("aria-busy", "true");
    try {
      const html = await ask(textarea.dataset.preview, posted(textarea));
      if (html === null) return;
      pane.innerHTML = html;
    } catch {
      pane.replaceChildren(line("No preview: the server does not answer. Your text is safe in the field.", "kb-preview-error"));
    }
    pane.removeAttribute("aria-busy");
  });
}

function goToLine(textarea, number) {
  const lines = textarea.value.split("\n");
  const start = lines.slice(0, number - 1).reduce((sum, each) => sum + each.length + 1, 0);
  textarea.focus();
  textarea.setSelectionRange(start, start + (lines[number - 1] || "").length);
  textarea.scrollTop = (textarea.scrollHeight * (number - 1)) / lines.length - textarea.clientHeight / 3;
}

export function startRemarks(textarea, place) {
  if (!place) return;
  const ask = latest();
  let shown = "";
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line]");
    if (button) goToLine(textarea, Number(button.dataset.line));
  });
  afterPause(textarea, REMARKS_DELAY, async () => {
    try {
      const html = await ask(textarea.dataset.checks, posted(textarea));
      // The same remarks are not written again: an open list stays open, a screen reader is not told twice.
      if (html === null || html === shown) return;
      shown = html;
      place.innerHTML = html;
    } catch {
      shown = "";
      place.replaceChildren(line("No remarks now: the server does not answer. Saving works as soon as it does.", "kb-quiet"));
    }
  });
}
