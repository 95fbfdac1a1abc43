/* The search field of the desk: the queue shows the results while you type. */

import { announce } from "../page/toast.js";

const WAIT = 180; // milliseconds after the last keystroke

export class LiveSearch {
  /** `show(search, how)` changes the queue; resolves to true if the queue now shows that search. */
  constructor(field, queue, show) {
    this.field = field;
    this.queue = queue;
    this.show = show;
    this.timer = 0;
    this.before = ""; // the view before the search, for Esc
    this.asked = queue.query;
    this.asking = null;
    field.setAttribute("aria-controls", queue.element.id);
    field.addEventListener("input", () => this.typed());
    field.addEventListener("keydown", (event) => this.key(event));
    field.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.toList();
    });
    queue.element.addEventListener("keydown", (event) => this.inList(event));
  }

  get words() {
    return this.field.value.trim();
  }

  typed() {
    clearTimeout(this.timer);
    if (this.words !== this.asked) this.timer = setTimeout(() => this.ask(), WAIT);
  }

  /** Search for the current words; false if newer words were typed in between. */
  async ask() {
    clearTimeout(this.timer);
    const words = this.words;
    if (words === this.asked) return (await this.asking) ?? true;
    const first = !this.asked;
    if (first) this.before = this.queue.search();
    this.asked = words;
    // Going back in the history leads to the view before the search, not to the same word with a letter less.
    this.asking = this.show(words ? `?${new URLSearchParams({ q: words })}` : this.before, first ? "push" : "replace");
    const newest = await this.asking;
    if (newest && words) announce(document.getElementById("found").firstElementChild.textContent);
    else if (!newest && this.asked === words) this.asked = this.queue.query; // it failed: Enter tries again
    return newest;
  }

  /** The queue shows another view or search now: so does the field. */
  follow() {
    clearTimeout(this.timer);
    this.asked = this.queue.query;
    this.asking = null;
    if (this.words !== this.asked) this.field.value = this.asked;
  }

  async toList() {
    if (!(await this.ask())) return;
    const first = this.queue.rows.querySelector("a[data-open]");
    if (first) first.focus();
    else this.field.focus();
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "ArrowDown") this.toList();
    else if (event.key === "Escape" && this.field.value) this.clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  clear() {
    this.field.value = "";
    this.ask();
  }

  /** ↓ and ↑ move through the rows; ↑ on the first row goes back to the field. */
  inList(event) {
    const link = event.target.closest("a[data-open]");
    if (!link || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Escape" && this.asked) this.field.select();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.step(link, event.key === "ArrowDown" ? 1 : -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  step(link, by) {
    const links = [...this.queue.rows.querySelectorAll("a[data-open]")];
    const at = links.indexOf(link) + by;
    if (at < 0) this.field.select();
    else links[Math.min(at, links.length - 1)].focus();
  }
}
