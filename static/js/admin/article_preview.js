// The preview beside the text and the checks under it. The server makes both.

import { gettext } from "../page/texts.js";
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
      pane.replaceChildren(line(gettext("No preview: the server does not answer. Your text is still in the field."), "kb-preview-error"));
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
      // Unchanged remarks are not replaced: an open list stays open, and a screen reader does not repeat them.
      if (html === null || html === shown) return;
      shown = html;
      place.innerHTML = html;
    } catch {
      shown = "";
      place.replaceChildren(line(gettext("No checks right now: the server does not answer. You can save as soon as it does."), "kb-quiet"));
    }
  });
}
