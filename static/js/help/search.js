/* The search field of the help center: results below it while the visitor types. */

import { part } from "./parts.js";
import { recordSearch } from "./visits.js";

const WAIT = 250; // ms after the last keystroke
const MIN_LENGTH = 3; // characters

/** Pure: the option that ↓ (1) or ↑ (-1) leads to. -1 is the field itself, between the last option and the first. */
export function stepped(chosen, step, count) {
  return ((chosen + 1 + step + count + 1) % (count + 1)) - 1;
}

export class Search {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[name=q]");
    this.panel = form.querySelector(".help-panel");
    this.count = form.querySelector("[data-count]");
    this.running = null; // the request under way
    this.shown = this.query;
    this.chosen = -1;
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-expanded", "false");
    this.listen();
  }

  listen() {
    const { form, input, panel } = this;
    input.addEventListener("input", () => this.typed());
    input.addEventListener("focus", () => this.shown && this.shown === this.query && this.open());
    input.addEventListener("keydown", (event) => this.key(event));
    form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || this.close());
    // A press on an option must not take the focus from the field: that would close the list before the click.
    panel.addEventListener("pointerdown", (event) => {
      if (event.target.closest("[role=option]")) event.preventDefault();
    });
    form.addEventListener("submit", () => {
      clearTimeout(this.timer);
      this.abort();
      this.running = null;
    });
  }

  get query() {
    return this.input.value.trim();
  }

  get options() {
    return [...this.panel.querySelectorAll("[role=option]")];
  }

  typed() {
    clearTimeout(this.timer);
    this.choose(-1);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  key(event) {
    if (event.isComposing) return;
    const hidden = this.panel.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.step(event);
    else if (event.key === "Enter" && this.chosen >= 0 && !hidden) {
      event.preventDefault();
      this.options[this.chosen].click();
    } else if (event.key === "Escape" && !hidden) {
      event.preventDefault();
      this.close();
    }
  }

  step(event) {
    if (this.panel.hidden) this.open();
    const { length } = this.options;
    if (!length) return;
    event.preventDefault();
    this.choose(stepped(this.chosen, event.key === "ArrowDown" ? 1 : -1, length));
  }

  choose(place) {
    const { input, options } = this;
    options[this.chosen]?.setAttribute("aria-selected", "false");
    const option = options[place];
    this.chosen = option ? place : -1;
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  open() {
    const { input, panel } = this;
    if (!panel.children.length) return;
    panel.hidden = false;
    const list = panel.querySelector("[role=listbox]");
    input.setAttribute("aria-expanded", String(Boolean(list)));
    if (list) input.setAttribute("aria-controls", list.id);
    else input.removeAttribute("aria-controls");
  }

  close() {
    this.panel.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-controls");
    this.choose(-1);
  }

  async ask() {
    const query = this.query;
    if (query === this.shown && this.panel.children.length) return this.open();
    this.abort();
    if (query.length < MIN_LENGTH) return this.clear();
    const mine = (this.running = new AbortController());
    try {
      const response = await part(`${this.form.action}?${new URLSearchParams({ q: query })}`, { signal: mine.signal });
      const html = await response.text();
      if (this.running !== mine) return;
      if (response.ok || response.status === 429) this.show(html, query);
    } catch {
      /* a newer request aborted this one, or offline: Enter still opens the search page */
    }
    if (this.running !== mine) return;
    this.running = null;
    if (this.query !== this.shown && this.query !== query) this.ask();
  }

  abort() {
    this.running?.abort();
  }

  clear() {
    this.panel.replaceChildren();
    this.count.textContent = "";
    this.shown = "";
    this.close();
  }

  show(html, query) {
    this.panel.innerHTML = html;
    recordSearch(this.panel);
    this.shown = query;
    this.chosen = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.count.textContent = this.panel.querySelector("[data-status]")?.dataset.status ?? "";
    if (this.form.contains(document.activeElement)) this.open();
  }
}
