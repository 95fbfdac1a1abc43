/* A live update puts the rows of the queue in place, but none that somebody may be about to click (stillness.js): what
   would move it waits behind the button "3 new ↑", as new rows do while the list is scrolled down. */

import { reconcile, remember } from "../live/reconcile.js";
import { refreshAges } from "../page/ages.js";
import { gettext } from "../page/texts.js";
import { NewRows } from "./new_rows.js";
import { news, still } from "./planning.js";
import { renewBars, renewStill } from "./renewing.js";
import { Stillness } from "./stillness.js";
import { watch } from "./watching.js";

const SCROLLED = 40;
const tickets = (rows) => rows.filter((row) => row.dataset.ticket);
const ids = (rows) => tickets(rows).map((row) => row.id);
const goOn = (rows) => rows.some(({ id }) => id === "more");

export class Placing {
  /** `refresh()` asks for the rows again soon. */
  constructor(queue, refresh) {
    Object.assign(this, { queue, refresh, pending: null });
    this.stillness = new Stillness({
      focused: focusedByKey,
      changed: () => this.settle(),
    });
    this.button = new NewRows({ element: () => document.getElementById("new-rows"), left: () => this.toFirst() });
    watch(queue.element, this.stillness, (at) => this.button.pointer(at));
    queue.element.addEventListener("click", (event) => {
      if (event.target.closest("#new-rows")) this.showNew({ key: event.detail === 0 });
    });
  }

  get rows() {
    return this.queue.rows;
  }

  /** The list in the page is another one. */
  begin() {
    remember(this.rows);
    this.pending = null;
    this.stillness.forget();
    this.button.hide();
    this.rows.addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  scrolled() {
    const still = this.stillness.held || this.stillness.frozen;
    if (this.pending && !still && this.rows.scrollTop < SCROLLED) this.showNew({ key: false });
  }

  /** The same list, as the server shows it now. */
  take(content) {
    this.pending = { bars: content, rows: [...content.getElementById("rows").children], outdated: false };
    this.settle();
  }

  /** "More" has added rows, of which what waits knows nothing. A row may have come among them that was there already. */
  extended() {
    const known = new Set();
    for (const row of [...this.rows.children]) known.has(row.id) ? row.remove() : known.add(row.id);
    if (!this.pending) return;
    this.pending.outdated = true;
    this.refresh();
  }

  /** Put in place what may be. */
  settle() {
    const { held, frozen } = this.stillness;
    if (frozen) return;
    if (!this.pending) this.dropGone();
    else if (held && tickets([...this.rows.children]).length) this.keepStill();
    else if (this.pending.outdated) this.refresh();
    else this.putInPlace();
  }

  /** Each row stays where it is, also one that has left the list. */
  keepStill() {
    const fresh = new Map(this.pending.rows.map((row) => [row.id, row]));
    const shown = [...this.rows.children];
    const plan = still({
      shown: ids(shown),
      fresh: ids(this.pending.rows),
      more: goOn(shown),
      freshMore: fresh.has("more"),
      left: ids(shown.filter(({ classList }) => classList.contains("row-gone"))),
      open: `row-${this.queue.current}`,
    });
    if (this.pending.bars) renewStill(this.queue.element, this.pending.bars);
    const mark = () => tickets(shown).forEach((row) => row.classList.toggle("row-gone", plan.gone.has(row.id)));
    this.reconcile(shown.map((row) => (row.dataset.ticket && fresh.get(row.id)) || row), mark);
    this.button.say(plan.waits ? words(plan.added) : "");
  }

  putInPlace() {
    this.renewBars();
    const fresh = this.keepCurrent(this.pending.rows);
    const shown = [...this.rows.children];
    const unseen = news(ids(shown), ids(fresh), goOn(shown));
    if (this.rows.scrollTop > SCROLLED && unseen.length) {
      this.place(fresh.filter((row) => !unseen.includes(row.id)));
      this.button.say(words(unseen.length));
    } else {
      this.pending = null;
      this.place(fresh);
      this.button.say("");
    }
  }

  /* Once: what is new in them is taken from the answer. */
  renewBars() {
    const { bars } = this.pending;
    this.pending.bars = null;
    if (bars) renewBars(this.queue.element, bars);
  }

  /** The open ticket keeps its row, even if it is no longer part of this view, until another ticket is opened. */
  keepCurrent(fresh) {
    const row = this.queue.current && document.getElementById(`row-${this.queue.current}`);
    if (!row || fresh.some((each) => each.id === row.id)) return fresh;
    const before = row.previousElementSibling?.id;
    const place = before ? fresh.findIndex((each) => each.id === before) + 1 : 0;
    row.classList.add("row-gone");
    return fresh.toSpliced(place, 0, row).filter((each) => each.id !== "row-empty");
  }

  place(fresh) {
    const rows = this.rows;
    const anchor = [...rows.children].find((row) => row.offsetTop + row.offsetHeight > rows.scrollTop);
    const was = anchor ? anchor.offsetTop - rows.scrollTop : 0;
    this.reconcile(fresh, () => fresh.forEach(back));
    if (anchor?.isConnected && rows.scrollTop > 0) rows.scrollTop = anchor.offsetTop - was;
  }

  /* `mark()`: says which rows have left the list, before anybody else looks at them. */
  reconcile(fresh, mark) {
    reconcile(this.rows, fresh);
    mark();
    this.queue.markCurrent();
    refreshAges(this.rows);
  }

  /** All that waits, at once and although the pointer is among the rows. */
  showNew({ key }) {
    if (this.pending) {
      this.renewBars();
      this.place(this.keepCurrent(this.pending.rows));
      if (this.pending.outdated) this.refresh();
    }
    this.pending = null;
    this.rows.scrollTo({ top: 0 });
    // With the button the focus would go. A pointer needs none, and one in the rows would keep them in place.
    if (key) this.toFirst();
    this.button.hide();
  }

  toFirst() {
    this.rows.querySelector("a[data-open]")?.focus({ preventScroll: true });
  }

  /** Another ticket has been opened: the rows that have left the list go too, once nothing has to stay in place. */
  dropGone() {
    if (this.stillness.held) return;
    const gone = [...this.rows.querySelectorAll(".row-gone")];
    const leaving = gone.filter((row) => row.dataset.ticket !== String(this.queue.current));
    for (const row of leaving) row.remove();
    if (leaving.length) this.queue.markCurrent();
  }
}

/* A click leaves the focus too, but the pointer goes on. */
function focusedByKey() {
  return Boolean(document.activeElement?.closest(".rows-frame")) && document.activeElement.matches(":focus-visible");
}

/* `row`: as the server sent it; it was written into the one that is there. */
function back(row) {
  if (!row.isConnected) document.getElementById(row.id)?.classList.remove("row-gone");
}

function words(added) {
  return added ? gettext("%(count)s new ↑", { count: added }) : gettext("Updated ↑");
}
