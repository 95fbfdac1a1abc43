/* Which ticket and which view are shown: loading them, their address, and going back. */

import { Failure, getHtml } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { announce, failed, toast } from "../page/toast.js";
import { lost, placeAfter } from "../queue/places.js";
import { addressOf, mustLoad, ticketIn, wantsOtherRows } from "./addresses.js";
import { drawer } from "./context.js";

export class Router {
  /** `content` holds the ticket; `show(pane)` chooses the pane of a narrow screen, `viewed()` is called after a change of view. */
  constructor({ content, queue, ticket, show, viewed }) {
    Object.assign(this, { content, queue, ticket, show, viewed });
    this.wanted = null; // the request for the ticket that is being opened
    queue.replaced = (was, { quiet }) => this.renewed(was, quiet);
    this.write("replace", location.hash); // so that Back leads here also from the first filter
    window.addEventListener("popstate", () => this.follow());
  }

  /** The open ticket. null where the screen is narrow and shows the list instead. */
  get visible() {
    return this.content.checkVisibility() ? this.ticket.number : null;
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
    this.row()?.focus({ preventScroll: true });
  }

  /** The row of the open ticket, or the first one. */
  row() {
    return document.querySelector(`#row-${this.ticket.number} a`) || document.querySelector("#rows a");
  }

  /** The browser went back or forward. */
  follow() {
    const ticket = ticketIn(location.pathname);
    const others = wantsOtherRows(location.search, this.queue.search());
    if (!ticket) this.back({ push: false }); // before other rows are asked for, which find the focus in the list
    if (others) this.followTo(location.search, ticket ? {} : { place: () => this.row() });
    else this.queue.stay();
    if (ticket) this.open(ticket, { push: false });
  }

  async followTo(search, how) {
    const refused = (error) => {
      this.write("replace"); // of what is still shown
      failed(error, () => this.goToView(search, "replace"));
    };
    await this.goToView(search, "replace", { ...how, refused });
  }

  // --- views -----------------------------------------------------------------------------------

  /** `how`: "push" or "replace" the address. True if the queue now shows this view; `refused(error)`: it cannot. */
  async showView(search, how = "push", refused = (error) => failed(error, () => this.goToView(search, how))) {
    try {
      if (!(await this.queue.show(search))) return false;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      refused(error);
      return false;
    }
    this.write(how);
    this.name();
    return true;
  }

  /** A change of view other than by typing: the search field follows the queue, and the focus goes to `place()`. */
  async goToView(search, how = "push", { refused, place = placeAfter(this.queue.element, document.activeElement) } = {}) {
    if (!(await this.showView(search, how, refused))) return false;
    this.viewed();
    announce(this.queue.rows.dataset.said);
    if (place && lost()) place()?.focus({ preventScroll: true });
    return true;
  }

  /** The queue shows another list by itself; `was`: what the last one said of itself. */
  renewed(was, quiet) {
    this.write("replace");
    this.name();
    this.viewed();
    const { gone, meaning } = this.queue.rows.dataset;
    if (quiet) return;
    if (gone) toast(gettext("The view “%(name)s” is gone, or no longer shared with you.", was));
    else if (meaning !== was.meaning) toast(gettext("The view “%(name)s” was changed.", was));
  }

  /** The address of what is shown. Only a new entry names the open ticket by itself. */
  write(how, hash = "") {
    const ticket = how === "push" ? this.visible : ticketIn(location.pathname);
    const address = addressOf(ticket, this.queue.search());
    const same = address === location.pathname + location.search;
    history[how === "push" && !same ? "pushState" : "replaceState"]({}, "", address + hash);
  }

  name() {
    document.getElementById("crumb-view").textContent = this.queue.rows.dataset.label;
  }
}
