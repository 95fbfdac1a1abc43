// The author's form: a live preview beside the Markdown (rendered and cleaned by the server),
// and a warning before unsaved words are lost.

const DELAY = 300;

function startPreview(textarea) {
  const editor = document.createElement("div");
  const pane = document.createElement("div");
  editor.className = "kb-editor";
  pane.className = "kb-preview";
  pane.tabIndex = 0;
  pane.setAttribute("role", "region");
  pane.setAttribute("aria-label", "Preview");
  textarea.replaceWith(editor);
  editor.append(textarea, pane);

  let timer = 0;
  let request = new AbortController();
  const refresh = async () => {
    request.abort();
    request = new AbortController();
    const form = textarea.form;
    const body = new URLSearchParams({
      body_md: textarea.value,
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
    });
    pane.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(textarea.dataset.preview, { method: "POST", body, signal: request.signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      pane.innerHTML = await answer.text();
      pane.removeAttribute("aria-busy");
    } catch (error) {
      if (error.name === "AbortError") return;
      pane.removeAttribute("aria-busy");
      const line = document.createElement("p");
      line.className = "kb-preview-error";
      line.textContent = "No preview: the server does not answer. Your text is safe in the field.";
      pane.replaceChildren(line);
    }
  };
  textarea.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, DELAY);
  });
  refresh();
}

function guardUnsaved(form) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

document.addEventListener("DOMContentLoaded", () => {
  const textarea = document.querySelector("textarea[data-preview]");
  if (!textarea) return;
  startPreview(textarea);
  guardUnsaved(textarea.form);
});
