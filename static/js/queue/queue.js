/* The queue: which list is shown, and when it is fetched again. placing.js puts its rows in place. */

import { Failure, getHtml, getJson } from "../page/http.js";
import { parse } from "../live/reconcile.js";
import { failed } from "../page/toast.js";
import { OwnChange } from "./own_change.js";
import { changesWithTime } from "./parameters.js";
import { lost, samePlace } from "./places.js";
import { Placing } from "./placing.js";
import { neighbour } from "./planning.js";
import { renewData } from "./renewing.js";
import { Soon } from "./soon.js";

const MOST = 200;
const MINUTE = 60_000;

export class Queue {
  constructor(element) {
    this.element = element;
    this.current = null;
    this.wanted = null; // the request for another view or search
    this.fetching = null; // the request for the same rows again
    this.own = new OwnChange();
    this.replaced = () => {}; // set by the router: the list has become another one by itself
    this.marked = () => {}; // set by desk.js: the rows are others, or were written again
    this.soon = new Soon(() => this.fetchAgain());
    this.placing = new Placing(this, () => this.refreshSoon());
    this.mount();
    // "toggle" does not bubble.
    element.addEventListener("toggle", (event) => event.target.id === "more-views" && event.target.open && this.fillNumbers(), true);
    element.addEventListener("htmx:beforeSwap", () => (this.focused = samePlace(element, document.activeElement)));
    element.addEventListener("htmx:afterSwap", () => this.swapped());
    setInterval(() => document.hidden || !this.timed || this.refreshSoon(), MINUTE);
  }

  get rows() {
    return document.getElementById("rows");
  }

  get query() {
    return this.rows.dataset.query;
  }

  /** Does the list change without any event? */
  get timed() {
    const { address, meaning } = this.rows.dataset;
    return changesWithTime(address, meaning) || Boolean(document.getElementById("indexing"));
  }

  mount() {
    this.mounted = this.rows;
    this.placing.begin();
    this.markCurrent();
  }

  /** "?view=…&q=…" of what is shown, with its filters and its order, for addresses. */
  search() {
    return `?${this.rows.dataset.address}`;
  }

  /** The same of what was asked for last, which may still be on its way. */
  asked() {
    return this.wanted?.search ?? this.search();
  }

  // --- another list ----------------------------------------------------------------------------------

  /** Show another view or search. True if the queue now shows it, false if a newer request came in between. */
  async show(search) {
    this.wanted?.abort();
    this.fetching?.abort();
    const request = (this.wanted = Object.assign(new AbortController(), { search }));
    const shown = this.own.asked();
    try {
      const html = await getHtml(`/desk/queue${search}`, request.signal);
      if (request !== this.wanted) return false;
      this.put(parse(html));
      shown();
      return true;
    } catch (error) {
      if (request !== this.wanted) return false;
      this.refreshSoon(); // the refresh that was given up
      throw error;
    } finally {
      if (request === this.wanted) this.wanted = null;
    }
  }

  /** The list that is shown is wanted after all. */
  stay() {
    if (!this.wanted) return;
    this.wanted.abort();
    this.wanted = null;
    this.refreshSoon(); // the refresh that was given up for it
  }

  put(content) {
    // The answer to "More" would come to another list.
    const more = this.rows.querySelector("#more a");
    if (more) window.htmx.trigger(more, "htmx:abort");
    this.element.replaceChildren(content);
    window.htmx.process(this.element);
    this.mount();
  }

  /** The view that is shown is gone or has been changed: the list as it is now. If it is the same view, at the same
      place and with the row of the open ticket. */
  replace(content) {
    const was = this.mounted.dataset;
    const { scrollTop } = this.rows;
    const rows = content.getElementById("rows");
    const same = rows.dataset.view === was.view;
    const place = samePlace(this.element, document.activeElement);
    const opened = [...this.element.querySelectorAll("details")].map((each) => each.open);
    if (same) rows.replaceChildren(...this.placing.keepCurrent([...rows.children]));
    this.put(content);
    this.element.querySelectorAll("details").forEach((each, at) => (each.open = opened[at] ?? false));
    if (same) this.rows.scrollTop = scrollTop;
    if (place && lost()) place()?.focus({ preventScroll: true });
    this.tell(was);
  }

  /** "More" brings further rows or, if the list has become another one, the whole queue. */
  swapped() {
    if (this.mounted === this.rows) {
      this.placing.extended();
      return this.markCurrent();
    }
    const was = this.mounted.dataset;
    this.mount();
    if (this.focused && lost()) this.focused()?.focus({ preventScroll: true });
    this.tell(was);
  }

  tell(was) {
    this.replaced(was, { quiet: this.own.isOf(was.view) });
  }

  // --- the same list again ---------------------------------------------------------------------------

  refreshSoon() {
    this.soon.ask();
  }

  refresh() {
    return this.soon.start();
  }

  async fetchAgain() {
    this.fetching?.abort();
    const request = (this.fetching = new AbortController());
    const shown = this.own.asked();
    const { rows, size } = this;
    try {
      const content = parse(await getHtml(`/desk/queue${this.search()}&rows=${size}`, request.signal));
      if (request !== this.fetching || request.signal.aborted) return;
      // Meanwhile more rows were added. At once, for it may be what the member has done that is to be shown.
      if (rows !== this.rows || size !== this.size) return await this.fetchAgain();
      this.take(content);
      shown();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.status) failed(error); // without a status there is no connection, which the header shows already
    }
  }

  /** How many rows are loaded. */
  get size() {
    return Math.min(MOST, this.rows.querySelectorAll(".row:not(.row-gone)").length);
  }

  take(content) {
    const [was, now] = [this.rows.dataset, content.getElementById("rows").dataset];
    if (now.address === was.address && now.meaning === was.meaning) this.apply(content);
    else this.replace(content);
  }

  apply(content) {
    renewData(this.rows, content.getElementById("rows"));
    this.placing.take(content);
  }

  /** The numbers of the menu are asked for when it is opened. */
  async fillNumbers() {
    try {
      const numbers = await getJson("/desk/queue/numbers");
      for (const link of document.querySelectorAll("#more-views [data-view]")) {
        const place = link.querySelector("[data-number]");
        if (place) place.textContent = numbers[link.dataset.view] ?? "";
      }
    } catch (error) {
      if (error.status) failed(error);
    }
  }

  // --- the open ticket -------------------------------------------------------------------------------

  open(ticket) {
    this.current = ticket;
    this.placing.dropGone();
    this.markCurrent();
    document.getElementById(`row-${ticket}`)?.scrollIntoView({ block: "nearest" });
  }

  markCurrent() {
    for (const link of this.rows.querySelectorAll("a[data-open]")) {
      if (link.dataset.open === String(this.current)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.marked();
  }

  /** The ticket `step` rows below the open one; the first or last row if none is open. */
  neighbour(step) {
    const rows = [...this.rows.querySelectorAll(".row")];
    const list = rows.map((row) => ({ ticket: row.dataset.ticket, gone: row.classList.contains("row-gone") }));
    return neighbour(list, String(this.current), step);
  }
}
