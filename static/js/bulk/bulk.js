/* Several tickets at once: the rows that are selected, what is done to them, and undoing it. */

import { askToClose } from "../dialogs/closing.js";
import { choose } from "../dialogs/dialog.js";
import { askUntil } from "../dialogs/snoozing.js";
import { askTags } from "../dialogs/tagging.js";
import { getJson, isUnsure, mayPass, post } from "../page/http.js";
import { gettext, ngettext } from "../page/texts.js";
import { announce, failed, toast } from "../page/toast.js";
import { closeMenus } from "../queue/options.js";
import { Bar } from "./bar.js";
import { Running } from "./running.js";
import { Selection } from "./selection.js";
import { brokenOff, selectedWords, Tally, told } from "./tally.js";
import { undoAll } from "./undo_all.js";

const MOST = 50; // tickets of one request

const byId = (id) => document.getElementById(id);

export class Bulk {
  /** `singleKeys()`: without them rows are selected by Tab and Space. */
  constructor({ queue, ticket, router, singleKeys }) {
    Object.assign(this, { queue, ticket, router, singleKeys, everything: null });
    this.selection = new Selection();
    this.bar = new Bar(queue);
    this.running = new Running(() => this.show());
    // A click on a checkbox leaves the focus where it is: in a row it would keep all rows in their places.
    queue.element.addEventListener("mousedown", (event) => event.target.matches("[data-select]") && event.preventDefault());
  }

  /** Tickets are selected, and the member sees that: a narrow screen shows the queue or a ticket. */
  get meant() {
    return this.selection.size > 0 && this.queue.element.checkVisibility();
  }

  // --- selecting -------------------------------------------------------------------------------------

  /** The rows of the queue were written again, or are others. */
  follow() {
    const { address, meaning } = this.queue.rows.dataset;
    const rows = [...this.queue.rows.querySelectorAll(".row")];
    const ids = (some) => some.map((row) => Number(row.dataset.ticket));
    const left = ids(rows.filter((row) => row.classList.contains("row-gone")));
    const list = `${address} ${meaning}`;
    if (list !== this.selection.list) this.everything = null;
    const removed = new Set(this.selection.follow(list, ids(rows), { more: this.more, left }));
    if (this.everything) this.everything.ids = this.everything.ids.filter((id) => !removed.has(id));
    this.show();
  }

  /** Does the list go on after the rows that are loaded? */
  get more() {
    return Boolean(this.queue.rows.querySelector("#more"));
  }

  show() {
    if (this.selection.size === 0) this.everything = null;
    for (const box of this.queue.rows.querySelectorAll("[data-select]")) {
      box.checked = this.selection.has(Number(box.dataset.select));
      box.tabIndex = this.singleKeys() ? -1 : 0;
    }
    this.bar.show(this.selection, { more: this.more, all: this.everything, running: this.running.progress });
  }

  chosen() {
    this.show();
    announce(selectedWords(this.selection.size));
  }

  /** A checkbox was clicked. */
  ticked(box, range) {
    this.selection.toggle(Number(box.dataset.select), { on: box.checked, range });
    this.chosen();
  }

  /** The row with the focus, else that of the open ticket. */
  toggle() {
    const focused = document.activeElement.closest?.("#rows .row");
    const row = focused ?? (this.queue.current && byId(`row-${this.queue.current}`));
    if (row) {
      this.selection.toggle(Number(row.dataset.ticket));
      this.chosen();
    } else if (this.queue.current) toast(gettext("The open ticket is not in this list."));
    else toast(gettext("Open a ticket first, or move to a row."));
  }

  clear() {
    this.selection.clear();
    this.chosen();
  }

  /** All rows that are loaded; once they are selected, the whole list. */
  all() {
    if (this.selection.whole && this.everything) return this.fetchAll({ select: true });
    this.selection.add(this.selection.loaded);
    if (this.more) this.fetchAll();
    this.chosen();
  }

  /* How many there are and, to `select` them, which: some may have left the list since it was asked. */
  async fetchAll({ select = false } = {}) {
    const { list } = this.selection;
    try {
      const found = await getJson(`/desk/queue/ids${this.queue.search()}`);
      if (this.selection.list !== list || !this.selection.size) return;
      const { address, meaning } = this.queue.rows.dataset;
      if (found.address !== address || found.meaning !== meaning) return void this.queue.refresh();
      this.everything = found;
      if (select) this.selection.add(found.ids);
      if (select) this.chosen();
      else this.show();
    } catch (error) {
      failed(error, () => this.fetchAll({ select }));
    }
  }

  menu() {
    if (!this.selection.size) return toast(gettext("Nothing is selected. Press x on a ticket first."));
    if (this.running.busy) return this.refuse();
    this.router.show("queue");
    closeMenus();
    this.bar.menu.open = true;
    this.bar.menu.querySelector("button").focus();
  }

  // --- the actions -----------------------------------------------------------------------------------

  assign() {
    const title = (count) => ngettext("Assign %(count)s ticket", "Assign %(count)s tickets", count);
    return this.pick("assign", title, "assignee");
  }

  team() {
    const title = (count) => ngettext("Move %(count)s ticket to a team", "Move %(count)s tickets to a team", count);
    if (!byId("dialog-team").querySelector("[data-team]:not([data-team=''])")) {
      closeMenus();
      return toast(gettext("There are no teams yet. An admin can add one."));
    }
    return this.pick("team", title, "team");
  }

  priority() {
    const title = (count) => ngettext("Priority of %(count)s ticket", "Priority of %(count)s tickets", count);
    return this.pick("priority", title, "priority");
  }

  tag() {
    const title = (count) => ngettext("Add tags to %(count)s ticket", "Add tags to %(count)s tickets", count);
    return this.askTags("tag", title, gettext("Add tags"));
  }

  untag() {
    const title = (count) => ngettext("Remove tags from %(count)s ticket", "Remove tags from %(count)s tickets", count);
    return this.askTags("untag", title, gettext("Remove tags"));
  }

  pending() {
    return this.ask("status", () => ({ status: "pending" }), "pending");
  }

  open() {
    return this.ask("status", () => ({ status: "open" }), "open");
  }

  snooze() {
    const title = (count) => ngettext("Snooze %(count)s ticket", "Snooze %(count)s tickets", count);
    const [one] = this.selection.ids;
    return this.ask("snooze", (count) => askUntil(one, title(count)));
  }

  close() {
    return this.ask("close", askToClose);
  }

  /* A choice of the dialog with the same name. */
  pick(action, title, field) {
    let name = "";
    return this.ask(action, async (count) => {
      byId(`${action}-title`).textContent = title(count);
      const chosen = await choose(`dialog-${action}`, action);
      if (chosen === null) return null;
      name = document.querySelector(`#dialog-${action} [data-${action}="${chosen}"]`).dataset.name;
      return { [field]: chosen };
    }, action, () => name);
  }

  askTags(action, title, button) {
    return this.ask(action, async (count) => {
      const tags = await askTags({ title: title(count), button, required: true });
      return tags === null ? null : { tags };
    });
  }

  /* `fields(count)`: of the request, null to do nothing. What is selected now counts, for the dialog says how many. */
  async ask(action, fields, does = action, name = () => "") {
    closeMenus();
    if (this.running.busy) return this.refuse();
    const ids = [...this.selection.ids];
    const chosen = await fields(ids.length);
    const submission = crypto.randomUUID();
    if (chosen) await this.run({ action, does, fields: { ...chosen, submission }, name: name(), ids, tally: new Tally() });
  }

  // --- doing it ----------------------------------------------------------------------------------------

  /* One action after the other. `again()`: of one that is tried once more. */
  refuse(again = null) {
    const message = gettext("Tickets are still being changed. Wait until that has ended.");
    if (again) failed({ message }, again);
    else toast(message);
  }

  /** `job.tally`: what was done before, if this is another try. */
  async run(job) {
    if (this.running.busy) return this.refuse(() => this.run(job));
    const { action, fields, ids, tally } = job;
    const send = async (part) => tally.add(await post("/desk/bulk", { ...fields, action, tickets: part.join(",") }));
    const { rest, error } = await this.running.run(ids, MOST, send);
    this.selection.remove(tally.settled);
    this.show();
    this.refresh(tally.changed);
    this.tell({ ...job, ids: rest }, error);
  }

  refresh(changed) {
    this.queue.refresh();
    if (changed.includes(Number(this.ticket.number))) this.ticket.refresh("header", "timeline");
  }

  /* Two messages if it broke off: what can be undone, and what can be tried again. */
  tell(job, error) {
    const { does, name, ids, tally } = job;
    if (tally.count || !error) {
      const sentences = [told(does, tally, name)];
      if (ids.length && !error) sentences.push(ngettext("Stopped: %(count)s is not changed.", "Stopped: %(count)s are not changed.", ids.length));
      const undo = { label: gettext("Undo"), run: () => this.undo(tally.events) };
      toast(sentences.join(" "), { action: tally.events.length ? undo : null });
    }
    if (!error) return;
    const far = brokenOff({ done: tally.count, left: ids.length, perhaps: isUnsure(error) ? Math.min(MOST, ids.length) : 0 });
    failed({ status: error.status, message: `${far} ${error.message}` }, mayPass(error) ? () => this.run(job) : null);
  }

  undo(events) {
    return undoAll(events, this);
  }

  stop() {
    this.running.stop();
  }
}
