/* Which ticket and which view are shown: loading them, their address, and going back. */

import { getHtml } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { failed } from "../page/toast.js";
import { addressOf, mustLoad, ticketIn, wantsOtherRows } from "./addresses.js";
import { drawer } from "./context.js";

export class Router {
  /** `content` holds the ticket; `show(pane)` chooses the pane of a narrow screen, `viewed()` is called after a change of view. */
  constructor({ content, queue, ticket, show, viewed }) {
    Object.assign(this, { content, queue, ticket, show, viewed });
    this.wanted = null; // the request for the ticket that is being opened
    window.addEventListener("popstate", () => this.follow());
  }

  get loading() {
    return Boolean(this.wanted);
  }

  // --- tickets -------------------------------------------------------------------------------

  open(number, { push = true, focus = true } = {}) {
    const ticket = String(number);
    const load = mustLoad(ticket, { current: this.ticket.number, loading: this.loading });
    this.show("ticket");
    drawer(false);
    this.queue.open(ticket);
    if (load) return this.load(ticket, { push, focus });
    this.arrived(ticket, { push, focus });
  }

  /** The ticket `by` rows further down; false when there is none. */
  step(by) {
    const next = this.queue.neighbour(by);
    if (next) this.open(next);
    return Boolean(next);
  }

  arrived(ticket, { push, focus }) {
    const address = addressOf(ticket, this.queue.search());
    if (push && address !== location.pathname + location.search) history.pushState({ ticket }, "", address);
    if (focus) this.ticket.focusTitle();
  }

  async load(ticket, how) {
    // Pressing j five times loads the fifth ticket, not all five.
    this.wanted?.abort();
    const request = (this.wanted = new AbortController());
    this.busy(true);
    try {
      const html = await getHtml(`/desk/${ticket}/pane`, request.signal);
      if (request !== this.wanted) return;
      this.put(html);
      this.busy(false);
      this.arrived(ticket, how);
    } catch (error) {
      if (request !== this.wanted) return;
      failed(error, () => this.open(ticket, how));
      if (this.ticket.number) this.queue.open(this.ticket.number); // mark the ticket that is still open
    }
    this.wanted = null;
    this.busy(false);
  }

  put(html) {
    this.ticket.leave();
    window.htmx.swap(this.content, html, { swapStyle: "innerHTML", settleDelay: 0 });
    this.ticket.mount();
  }

  /* While the next ticket loads, the open one takes no input: a reply that is sent half a second
     too late must not go to the wrong customer. */
  busy(on) {
    this.content.setAttribute("aria-busy", String(on));
    this.content.inert = on;
  }

  back({ push = true } = {}) {
    this.show("queue");
    if (push) history.pushState({}, "", addressOf(null, this.queue.search()));
    const row = document.querySelector(`#row-${this.ticket.number} a`) || document.querySelector("#rows a");
    row?.focus({ preventScroll: true });
  }

  /** The browser went back or forward. */
  follow() {
    const ticket = ticketIn(location.pathname);
    if (wantsOtherRows(location.search, this.queue)) this.goToView(location.search, "");
    if (ticket) this.open(ticket, { push: false });
    else this.back({ push: false });
  }

  // --- views -----------------------------------------------------------------------------------

  /** `how`: "push" or "replace" the address, "" leaves it. True if the queue now shows this view. */
  async showView(search, how = "push") {
    if (!(await this.queue.show(search))) return false;
    if (how) history[`${how}State`]({}, "", addressOf(this.ticket.number, this.queue.search()));
    const label = document.querySelector("#views [aria-current='true']")?.firstChild.textContent.trim();
    document.getElementById("crumb-view").textContent = this.queue.query ? gettext("Search") : label;
    return true;
  }

  /** A change of view other than by typing: the search field follows the queue, and the focus stays in place. */
  async goToView(search, how = "push") {
    const { element } = this.queue;
    const inside = element.contains(document.activeElement);
    if (!(await this.showView(search, how))) return;
    this.viewed();
    if (inside && !element.contains(document.activeElement)) {
      element.querySelector("#views [aria-current='true'], #views a").focus();
    }
  }
}
