/* The queue: rows update in place. While the list is scrolled down, new rows wait behind a button. */

import { refreshAges } from "../page/ages.js";
import { getHtml } from "../page/http.js";
import { parse, reconcile, remember } from "../live/reconcile.js";
import { gettext } from "../page/texts.js";
import { failed } from "../page/toast.js";

const MOST = 200;
const SETTLE = 250; // several changes at once are one refetch
const SCROLLED = 40;

export class Queue {
  constructor(element) {
    this.element = element;
    this.current = null;
    this.fetching = null;
    this.mount();
    element.addEventListener("click", (event) => {
      if (event.target.closest("#new-rows")) this.showNew();
    });
  }

  get rows() {
    return document.getElementById("rows");
  }

  get view() {
    return this.rows.dataset.view;
  }

  get query() {
    return this.rows.dataset.query;
  }

  mount() {
    remember(this.rows);
    this.pending = null;
    this.rows.addEventListener("scroll", () => this.pending && this.rows.scrollTop < SCROLLED && this.showNew(), {
      passive: true,
    });
    this.markCurrent();
  }

  /** "?view=…&q=…" of what is shown, for addresses. */
  search() {
    const found = new URLSearchParams({ view: this.view });
    if (this.query) found.set("q", this.query);
    return `?${found}`;
  }

  /** Show another view or search. True if the queue now shows it; false if a newer request came in between, or it
      failed. */
  async show(search) {
    this.wanted?.abort();
    const request = (this.wanted = new AbortController());
    try {
      const html = await getHtml(`/desk/queue${search}`, request.signal);
      if (request !== this.wanted) return false;
      this.element.innerHTML = html;
      window.htmx.process(this.element);
      this.mount();
      return true;
    } catch (error) {
      if (request === this.wanted) failed(error, () => this.show(search));
      return false;
    }
  }

  refreshSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), SETTLE + Math.random() * SETTLE);
  }

  async refresh() {
    clearTimeout(this.timer);
    if (this.fetching) return void (this.again = true);
    const rows = this.rows;
    const size = Math.min(MOST, rows.querySelectorAll(".row").length);
    this.fetching = getHtml(`/desk/queue${this.search()}&rows=${size}`);
    try {
      const content = parse(await this.fetching);
      if (rows === this.rows && rows.dataset.view === content.getElementById("rows").dataset.view) this.apply(content);
    } catch (error) {
      if (error.status) failed(error); // without a status there is no connection, which the header shows already
    } finally {
      this.fetching = null;
      if (this.again) {
        this.again = false;
        this.refreshSoon();
      }
    }
  }

  apply(content) {
    const views = document.getElementById("views");
    if (!views.querySelector("details[open]") && !views.contains(document.activeElement)) {
      views.replaceChildren(...content.getElementById("views").childNodes);
    } else {
      this.copyCounts(views, content);
    }
    const [shown, now] = [document.getElementById("found"), content.getElementById("found")];
    if (shown && now) shown.firstElementChild.textContent = now.firstElementChild.textContent;
    const rows = this.rows;
    const fresh = this.keepCurrent([...content.getElementById("rows").children]);
    const unseen = fresh.filter((row) => row.dataset.ticket && !document.getElementById(row.id));
    if (rows.scrollTop > SCROLLED && unseen.length) {
      this.pending = fresh;
      this.place(fresh.filter((row) => !unseen.includes(row)));
    } else {
      this.pending = null;
      this.place(fresh);
    }
    const pill = document.getElementById("new-rows");
    pill.hidden = !this.pending;
    pill.textContent = this.pending ? gettext("%(count)s new ↑", { count: unseen.length }) : "";
  }

  copyCounts(views, content) {
    for (const link of content.querySelectorAll("#views [data-view]")) {
      const here = views.querySelector(`[data-view="${link.dataset.view}"] .count`);
      if (here) here.textContent = link.querySelector(".count").textContent;
    }
  }

  /** The open ticket keeps its row, even if it is no longer part of this view, until another ticket is opened. */
  keepCurrent(fresh) {
    const row = this.current && document.getElementById(`row-${this.current}`);
    if (!row || fresh.some((each) => each.id === row.id)) return fresh;
    const before = row.previousElementSibling?.id;
    const place = before ? fresh.findIndex((each) => each.id === before) + 1 : 0;
    row.classList.add("row-gone");
    fresh.splice(place, 0, row);
    return fresh.filter((each) => each.id !== "row-empty");
  }

  place(fresh) {
    const rows = this.rows;
    const anchor = [...rows.children].find((row) => row.offsetTop + row.offsetHeight > rows.scrollTop);
    const was = anchor ? anchor.offsetTop - rows.scrollTop : 0;
    reconcile(rows, fresh);
    if (anchor?.isConnected && rows.scrollTop > 0) rows.scrollTop = anchor.offsetTop - was;
    this.markCurrent();
    refreshAges(rows);
  }

  showNew() {
    if (this.pending) this.place(this.pending);
    this.pending = null;
    document.getElementById("new-rows").hidden = true;
    this.rows.scrollTo({ top: 0 });
  }

  open(ticket) {
    for (const gone of this.rows.querySelectorAll(".row-gone")) {
      if (gone.dataset.ticket !== String(ticket)) gone.remove();
    }
    this.current = ticket;
    this.markCurrent();
    document.getElementById(`row-${ticket}`)?.scrollIntoView({ block: "nearest" });
  }

  markCurrent() {
    for (const link of this.rows.querySelectorAll("a[data-open]")) {
      if (link.dataset.open === String(this.current)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /** The ticket `step` rows below the open one; the first or last row if none is open. */
  neighbour(step) {
    const links = [...this.rows.querySelectorAll("a[data-open]")];
    const at = links.findIndex((link) => link.dataset.open === String(this.current));
    const next = at < 0 ? (step > 0 ? 0 : -1) : at + step;
    return links[next]?.dataset.open ?? null;
  }
}
