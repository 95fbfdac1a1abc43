/* The search field of the desk: the queue shows the results while you type. */

import { composing } from "../page/keyboard.js";
import { announce } from "../page/toast.js";
import { searchAddress, withoutSearch } from "./parameters.js";

const WAIT = 180; // milliseconds after the last keystroke

export class LiveSearch {
  /** `show(search, how)` changes the queue; resolves to true if the queue now shows that search. */
  constructor(field, queue, show) {
    this.field = field;
    this.queue = queue;
    this.show = show;
    this.timer = null; // there are words that were not asked for yet
    this.before = null; // what was shown before the search
    this.begun = null; // the address that the search began with, without its words
    this.asked = queue.query;
    this.asking = null;
    this.waiting = 0; // requests without an answer
    field.setAttribute("aria-controls", queue.element.id);
    field.addEventListener("input", () => this.typed());
    field.addEventListener("keydown", (event) => this.key(event));
    field.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
    queue.element.addEventListener("keydown", (event) => this.inList(event));
  }

  get words() {
    return this.field.value.trim();
  }

  /** The address that ends the search: what was shown before or, if the filters are others now, these. */
  get back() {
    const here = withoutSearch(this.queue.search());
    return this.before && [null, here].includes(this.begun) ? this.before : here;
  }

  typed() {
    this.forget();
    if (this.words !== this.asked) this.timer = setTimeout(() => this.ask(), WAIT);
  }

  forget() {
    clearTimeout(this.timer);
    this.timer = null;
  }

  /** Search for the current words; false if newer words were typed in between. */
  async ask() {
    this.forget();
    const words = this.words;
    if (words === this.asked) return (await this.asking) ?? true;
    const first = !this.asked;
    if (first) Object.assign(this, { before: this.queue.search(), begun: null });
    this.asked = words;
    // Going back in the history leads to the view before the search, not to the same word with a letter less.
    const search = words ? searchAddress(this.queue.search(), words) : this.back;
    this.asking = this.answer(search, words && !this.queue.query ? "push" : "replace");
    const newest = await this.asking;
    if (newest) announce(this.queue.rows.dataset.said);
    else if (this.asked === words) this.asked = this.queue.query; // it failed: Enter tries again
    return newest;
  }

  async answer(search, how) {
    this.waiting += 1;
    try {
      const shown = await this.show(search, how);
      if (shown && this.queue.query) this.begun ??= withoutSearch(this.queue.search());
      return shown;
    } finally {
      this.waiting -= 1;
    }
  }

  /** The queue shows another view or search now: so does the field, unless somebody is typing in it or waits for what
      was typed. */
  follow() {
    const here = document.activeElement === this.field;
    if (here && this.waiting) return void this.beginHere();
    if (this.queue.query !== this.asked) this.before = null; // another search, or none
    this.asked = this.queue.query;
    this.asking = null;
    if (here && this.timer) return;
    this.forget();
    if (this.words !== this.asked) this.field.value = this.asked;
  }

  /** A number opens its ticket; words lead to the list. */
  async enter() {
    if (!(await this.ask())) return;
    const asked = this.queue.rows.querySelector("a[data-asked]");
    if (asked) asked.click();
    else this.toList();
  }

  /* The list from which the search was started has become another one. */
  beginHere() {
    if (!this.queue.query) this.before = this.queue.search();
  }

  async toList() {
    if (!(await this.ask())) return;
    const first = this.queue.rows.querySelector("a[data-open]");
    if (first) first.focus();
    else this.field.focus();
  }

  key(event) {
    if (composing(event)) return void (event.key === "Enter" && event.preventDefault()); // it is not sent
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
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
