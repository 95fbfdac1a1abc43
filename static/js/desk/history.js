/* The history of the customer in the context pane: what was asked on the other tickets comes line by line, first quoted,
   then from the model. Each line has its place from the start (templates/copilot/_history_row.html), so nothing moves. */

import { postLines } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { whenSettled } from "./settling.js";

/** Watch the history in `pane` until `signal` ends it. */
export function watchHistory(pane, signal) {
  const watched = new History(pane, signal);
  pane.addEventListener("htmx:afterSwap", ({ target }) => target.matches("[data-history]") && watched.arrived(), { signal });
  signal.addEventListener("abort", () => watched.giveUp());
  watched.arrived(); // kept from before, if there is one
}

class History {
  constructor(pane, signal) {
    Object.assign(this, { pane, signal, giveUp: () => {}, telling: false, told: new Map(), tried: new Set(), why: "" });
  }

  /** It was fetched, or fetched again: what is known already stands there at once, unless the server knew it too. */
  arrived() {
    this.giveUp();
    this.told.forEach((line) => this.place(line.ticket)?.hasChildNodes() || this.put(line));
    this.say(this.why);
    const { stream } = this.pane.querySelector("[data-history] [data-stream]")?.dataset ?? {};
    if (stream && !this.telling) this.giveUp = whenSettled(() => this.tell(stream));
  }

  async tell(stream) {
    this.telling = true;
    this.empty().forEach((ticket) => this.tried.add(ticket));
    try {
      await postLines(stream, {}, (line) => this.take(line), this.signal);
    } catch (error) {
      if (!this.signal.aborted) this.say(error.message);
    }
    this.telling = false;
    // Fetched again meanwhile, with another ticket. Each is tried for once, so this comes to an end.
    if (!this.signal.aborted && this.empty().some((ticket) => !this.tried.has(ticket))) this.arrived();
  }

  /** The tickets of which nothing is told yet. */
  empty() {
    return [...this.pane.querySelectorAll("[data-history] [data-asked]:empty")].map((place) => place.dataset.asked);
  }

  take(line) {
    if (this.signal.aborted) return; // another ticket of the same customer has the same rows
    if (line.done) return this.say(line.why && this.quotes() ? gettext("Quoted. %(why)s", { why: line.why }) : "");
    this.told.set(line.ticket, line);
    this.put(line);
  }

  quotes() {
    return this.pane.querySelector("[data-history] .history-line:not(.is-ai)") !== null;
  }

  place(ticket) {
    return this.pane.querySelector(`[data-history] [data-asked="${ticket}"]`);
  }

  put({ ticket, text, written }) {
    const line = Object.assign(document.createElement("span"), { className: "history-line", title: text, dir: "auto" });
    if (written) {
      const by = Object.assign(document.createElement("span"), { className: "unseen", textContent: gettext("Written by AI:") });
      line.classList.add("is-ai");
      line.append(by, ` ${text}`);
    } else {
      line.textContent = gettext("“%(words)s”", { words: text });
    }
    this.place(ticket)?.replaceChildren(line);
  }

  say(why) {
    this.why = why;
    const place = this.pane.querySelector("[data-history] [data-why]");
    if (place) Object.assign(place, { textContent: why, title: why });
  }
}
