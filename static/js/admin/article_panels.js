// Panels on the author's form that other apps fill: each is fetched from its own address.

import { gettext } from "../page/texts.js";
import { latest, line, posted } from "./article_posting.js";

const QUICK = 1000; // milliseconds: a trial that took less repeats by itself when the author pauses
const PAUSE = 2500; // milliseconds without typing

async function load(panel, url) {
  const body = panel.querySelector("[data-panel-body]");
  try {
    const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    body.innerHTML = await answer.text();
  } catch {
    body.replaceChildren(line(gettext("This part cannot be loaded right now. Your article is not affected."), "kb-quiet"));
  }
}

export function startPanels() {
  for (const panel of document.querySelectorAll("[data-panel]")) {
    load(panel, panel.dataset.panel);
    panel.addEventListener("click", (event) => {
      const link = event.target.closest("[data-panel-link]");
      if (!link) return;
      event.preventDefault();
      load(panel, new URL(link.getAttribute("href"), new URL(panel.dataset.panel, location.href)));
    });
  }
}

export function startTrial(textarea, panel) {
  if (!panel) return;
  const ask = latest();
  const state = panel.querySelector("[data-try-state]");
  const result = panel.querySelector("[data-try-result]");
  let quick = false;
  let timer = 0;
  const run = async () => {
    const started = performance.now();
    state.textContent = gettext("Comparing…");
    try {
      const html = await ask(panel.dataset.try, posted(textarea));
      if (html === null) return;
      result.innerHTML = html;
      quick = performance.now() - started < QUICK;
      state.textContent = quick ? gettext("Updates while you write.") : "";
    } catch {
      quick = false;
      state.textContent = gettext("The server does not answer. Your text is still in the field.");
    }
  };
  panel.querySelector("[data-try-now]").addEventListener("click", run);
  const later = () => {
    clearTimeout(timer);
    if (quick) timer = setTimeout(run, PAUSE);
  };
  textarea.addEventListener("input", later);
  textarea.form.elements.title.addEventListener("input", later);
}
