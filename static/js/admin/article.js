// The author's form: toolbar, pictures, live preview and checks, panels, and a warning before unsaved text is lost.

import { gettext } from "../page/texts.js";
import { startPanels, startTrial } from "./article_panels.js";
import { startPictures } from "./article_pictures.js";
import { startPreview, startRemarks } from "./article_preview.js";
import { startToolbar } from "./article_toolbar.js";

function buildEditor(textarea) {
  const frame = document.createElement("div");
  frame.className = "kb-frame";
  const editor = document.createElement("div");
  editor.className = "kb-editor";
  const pane = document.createElement("div");
  pane.className = "kb-preview";
  pane.tabIndex = 0;
  pane.setAttribute("role", "region");
  pane.setAttribute("aria-label", gettext("Preview"));
  const focused = document.activeElement === textarea;
  textarea.replaceWith(frame);
  editor.append(textarea, pane);
  frame.append(editor);
  if (focused) textarea.focus();
  return { frame, pane };
}

function guardUnsaved(form) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

const CARET = "kb-caret";

// Ctrl+S (⌘S) saves like the first button. After the page has reloaded the caret is back where it was.
function saveByKey(textarea) {
  const { form } = textarea;
  const save = form.querySelector("[name=_continue]");
  const kept = sessionStorage.getItem(CARET);
  sessionStorage.removeItem(CARET);
  if (kept && document.querySelector(".messagelist, .errornote")) {
    const [at, inside, page] = JSON.parse(kept);
    textarea.focus({ preventScroll: true });
    textarea.setSelectionRange(at, at);
    textarea.scrollTop = inside;
    scrollTo(0, page);
  }
  addEventListener("keydown", (event) => {
    if (!save || event.key.toLowerCase() !== "s" || event.ctrlKey === event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (document.activeElement === textarea) {
      sessionStorage.setItem(CARET, JSON.stringify([textarea.selectionStart, textarea.scrollTop, scrollY]));
    }
    form.requestSubmit(save);
  });
}

// Screen readers find no name for the admin's search fields (select2), so each gets its label's text.
function nameSearchFields() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = document.querySelector(`label[for="${select.id}"]`)?.textContent.trim();
    for (const part of select.parentElement.querySelectorAll(".select2-selection, .select2-selection__rendered")) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", label || gettext("Search"));
    }
  }
}

const textarea = document.querySelector("textarea[data-preview]");
if (textarea) {
  const { frame, pane } = buildEditor(textarea);
  startToolbar(textarea, frame);
  startPictures(textarea, frame);
  startPreview(textarea, pane);
  startRemarks(textarea, document.querySelector("[data-remarks]"));
  startTrial(textarea, document.querySelector("[data-try]"));
  startPanels();
  guardUnsaved(textarea.form);
  saveByKey(textarea);
  // jQuery's ready queue: runs after the admin has built its search fields.
  window.django?.jQuery?.(nameSearchFields);
}
