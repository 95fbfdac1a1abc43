/* The panel of filters: what is chosen is counted at once, and shown with Enter. */

import { closeTo, whenClosed } from "../dialogs/dialog.js";
import { openFetched } from "../dialogs/fetched.js";
import { getHtml } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { announce } from "../page/toast.js";
import { addressOfForm } from "./chosen.js";
import { fold, listenToFind, narrow } from "./narrowing.js";
import { filterButton } from "./places.js";

const WAIT = 200; // milliseconds after the last change

export async function filterQueue(router) {
  const dialog = document.getElementById("dialog-filter");
  const url = `/desk/queue/filters${router.queue.asked()}`;
  const asked = { title: gettext("Filter the queue"), url, again: () => filterQueue(router), place: filterButton };
  if (await openFetched(dialog, asked)) new Panel(dialog, router);
}

class Panel {
  constructor(dialog, router) {
    Object.assign(this, { dialog, router, showing: false });
    this.form = dialog.querySelector("form");
    this.error = document.getElementById("filter-error");
    this.counter = new Counter(this.form, document.getElementById("filter-count"), (error) => this.say(error?.message));
    this.form.addEventListener("input", ({ target }) => target.name && this.chosen(target));
    listenToFind(this.form);
    document.getElementById("filter-none").addEventListener("click", () => {
      choosesNothing(this.form);
      this.counter.soon();
    });
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.show()));
    whenClosed(dialog, () => this.left());
    fold(this.form);
    const first = this.form.querySelector(".filter-field.on input:checked");
    (first ?? this.form.querySelector(".filter-fold > summary, .filter-choices input")).focus();
  }

  chosen(field) {
    tidyPeriod(this.form, field);
    this.counter.soon();
  }

  /** The panel stays until the rows are there, so that a failure loses no choice. */
  async show() {
    if (this.showing) return;
    this.wait(true);
    const address = addressOfForm([...new FormData(this.form)]);
    const shown = await this.router.goToView(address, "push", { place: null, refused: (error) => this.refused(error) });
    this.wait(false);
    if (!shown || !this.form.isConnected) return;
    this.router.show("queue");
    closeTo(this.dialog, filterButton);
    announce(this.router.queue.rows.dataset.said); // again: behind the open panel it may not have been heard
  }

  wait(on) {
    this.showing = on;
    this.form.querySelector("[type='submit']").setAttribute("aria-disabled", String(on));
    this.form.setAttribute("aria-busy", String(on));
    if (on) this.say();
  }

  refused({ message }) {
    this.say(message);
  }

  /** In the panel: what is behind it cannot be reached. */
  say(message = "") {
    this.error.textContent = message;
    this.error.hidden = !message;
  }

  left() {
    this.counter.stop();
    if (this.showing) this.router.queue.stay();
  }
}

/** How many tickets are left. Only the answer to the newest question is shown. */
class Counter {
  /** `told(error)`: of the newest question, without an error if it was answered. */
  constructor(form, place, told) {
    Object.assign(this, { form, place, told });
  }

  soon() {
    this.counting(true);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    this.wanted?.abort();
    const request = (this.wanted = new AbortController());
    try {
      const html = await getHtml(`/desk/queue/filters/count${addressOfForm([...new FormData(this.form)])}`, request.signal);
      if (request !== this.wanted) return;
      this.place.textContent = html.trim();
      this.told();
    } catch (error) {
      if (request !== this.wanted) return;
      this.place.textContent = ""; // the last number is that of other choices
      if (error.status) this.told(error);
    }
    this.counting(false);
  }

  counting(on) {
    this.place.classList.toggle("counting", on);
    this.place.setAttribute("aria-busy", String(on));
  }

  stop() {
    clearTimeout(this.timer);
    this.wanted?.abort();
    this.wanted = null;
  }
}

/* "Last 7 days" and two dates exclude each other: the one that was changed last counts. */
function tidyPeriod(form, field) {
  const period = field.name.match(/^(\w+?)_(?:from|to)$/);
  if (period) form.elements[period[1]].value = "";
  for (const end of ["from", "to"]) {
    const other = form.elements[`${field.name}_${end}`];
    if (other && field.value) other.value = "";
  }
}

function choosesNothing(form) {
  for (const field of form.querySelectorAll("input[type='checkbox']")) field.checked = false;
  for (const field of form.querySelectorAll("input[type='text'], input[type='date'], select")) field.value = "";
  for (const find of form.querySelectorAll(".filter-find input")) narrow(find);
}
