// The author's form: toolbar, pictures, live preview and remarks, panels, and a warning before unsaved words are lost.

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
  pane.setAttribute("aria-label", "Preview");
  textarea.replaceWith(frame);
  editor.append(textarea, pane);
  frame.append(editor);
  return { frame, pane };
}

function guardUnsaved(form) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
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
}
