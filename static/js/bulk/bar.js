/* The bar of the selection, in the place of the line with the order and the filter. The queue is replaced now and then; the
   bar stays the same element, so that its menu, its focus and its progress stay. */

import { showMacKeys } from "../page/keyboard.js";
import { moreWords, progress, selectedWords } from "./tally.js";

const REPLACED = ".queue-bar";

export class Bar {
  constructor(queue) {
    this.queue = queue;
    this.element = document.getElementById("bulk-template").content.firstElementChild.cloneNode(true);
    showMacKeys(this.element);
  }

  get menu() {
    return this.element.querySelector("details");
  }

  /** `all`: the ids of the whole list, if they were asked for; `running`: {done, total, stopped} or null. */
  show(selection, { more, all, running }) {
    const { element, queue } = this;
    const line = queue.element.querySelector(REPLACED);
    if (!element.isConnected) line.before(element);
    const focused = element.contains(document.activeElement) || line.contains(document.activeElement);
    queue.element.toggleAttribute("data-selecting", selection.size > 0 || Boolean(running));
    this.part("chosen").hidden = Boolean(running);
    this.part("running").hidden = !running;
    this.part("count").textContent = selectedWords(selection.size);
    const words = moreWords({ whole: selection.whole, more, has: (id) => selection.has(id) }, all);
    Object.assign(this.part("all"), { textContent: words, hidden: !words });
    if (running) this.showProgress(running);
    if (!selection.size) this.menu.open = false;
    if (focused && !document.activeElement.checkVisibility()) this.keepFocus(selection);
  }

  showProgress({ done, total, stopped }) {
    this.part("far").textContent = progress(done, total);
    Object.assign(this.part("progress"), { max: total, value: done });
    this.part("stop").setAttribute("aria-disabled", String(stopped));
  }

  /* What had the focus is hidden: it goes to what is there instead, else to the row that was toggled last. */
  keepFocus({ last }) {
    const places = [this.part("stop"), this.menu.querySelector("summary"), row(last), row(this.queue.current)];
    const place = [...places, this.queue.rows.querySelector("a[data-open]")].find((each) => each?.checkVisibility());
    (place ?? this.queue.element.querySelector("[data-do='filter']")).focus({ preventScroll: true });
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }
}

const row = (id) => document.querySelector(`#row-${id} a`);
