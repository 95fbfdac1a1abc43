// Shared by the parts of the form: the form's data for a request, and text changes that the browser can undo.

export function posted(textarea) {
  const { elements } = textarea.form;
  return new URLSearchParams({
    title: elements.title.value,
    body_md: textarea.value,
    audience: elements.audience?.value || "",
    article: textarea.dataset.article || "",
    csrfmiddlewaretoken: elements.csrfmiddlewaretoken.value,
  });
}

// Only the latest request counts: an older one returns `null`. Throws when the server does not answer.
export function latest() {
  let controller = new AbortController();
  return async (url, body) => {
    controller.abort();
    controller = new AbortController();
    try {
      const answer = await fetch(url, { method: "POST", body, signal: controller.signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      return await answer.text();
    } catch (error) {
      if (error.name === "AbortError") return null;
      throw error;
    }
  };
}

export function line(text, className) {
  const paragraph = document.createElement("p");
  paragraph.className = className;
  paragraph.textContent = text;
  return paragraph;
}

// Replaces [from, to) by `text` and selects [first, last). execCommand keeps the browser's undo working.
export function replace(textarea, from, to, text, first = from + text.length, last = first) {
  textarea.focus();
  textarea.setSelectionRange(from, to);
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!done) {
    textarea.setRangeText(text, from, to, "end");
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }
  textarea.setSelectionRange(first, last);
}
