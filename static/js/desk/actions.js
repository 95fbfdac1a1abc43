/* The actions of the desk, by name: keys.js says which key starts one, clicks.js which button. */

import * as outgoing from "../composer/outgoing.js";
import { closeAndTag } from "../dialogs/closing.js";
import { choose, open } from "../dialogs/dialog.js";
import { escalate, judge } from "../dialogs/escalating.js";
import { forward } from "../dialogs/forwarding.js";
import { discard, newTicket } from "../dialogs/new_ticket.js";
import { snooze } from "../dialogs/snoozing.js";
import { askTags } from "../dialogs/tagging.js";
import { transfer } from "../dialogs/transfer.js";
import { correctTriage } from "../dialogs/triage.js";
import { toastWithUndo } from "../dialogs/undoing.js";
import { post } from "../page/http.js";
import { filterQueue } from "../queue/filters.js";
import { chooseRows, openViews } from "../queue/options.js";
import * as views from "../queue/saved_views.js";
import { fillHelp } from "../page/keyboard.js";
import { gettext } from "../page/texts.js";
import { announce, failed, undoNewest } from "../page/toast.js";
import { drawer, drawerIsOpen } from "./context.js";
import { escape } from "./escaping.js";
import { actsOn, KEYS } from "./keys.js";

const byId = (id) => document.getElementById(id);

export class Actions {
  /** `ticket`: the open ticket (ticket.js); `bulk`: the selected ones. */
  constructor({ ticket, router, bulk }) {
    Object.assign(this, { ticket, router, bulk });
  }

  get composer() {
    return this.ticket.composer;
  }

  // --- the reply ------------------------------------------------------------------------------

  /** `detail` is 0 for a key, also for Enter or Space on the button; a mouse click counts its clicks. */
  send(event) {
    outgoing.send(this.composer, { key: event.detail === 0 });
  }

  reply() {
    this.composer.show("reply");
  }

  note() {
    this.composer.show("note");
  }

  replyAll() {
    this.composer.recipients.toggle();
  }

  copies(event) {
    this.composer.recipients.ask(event);
  }

  attach() {
    this.composer.uploads.choose();
  }

  forward({ target }) {
    forward(this.ticket, target);
  }

  cancelSending() {
    this.ticket.deliveries.cancelSending();
  }

  // --- the draft ---------------------------------------------------------------------------------

  insert() {
    this.composer.insert();
  }

  regenerate() {
    this.composer.regenerate();
  }

  stop() {
    if (this.composer.revising.running) this.composer.revising.stop();
    else this.composer.stop();
  }

  revise() {
    this.composer.revising.choose();
  }

  async reject() {
    const { composer } = this;
    if (!composer.canReject) return;
    const reason = await choose("dialog-reject", "reason");
    if (reason) composer.reject(reason);
  }

  // --- the queue ---------------------------------------------------------------------------------

  filter() {
    filterQueue(this.router);
  }

  views() {
    openViews(this.router);
  }

  rows() {
    chooseRows(this.router.queue);
  }

  saveView() {
    views.save(this.router);
  }

  changeView() {
    views.rename(this.router);
  }

  updateView() {
    views.update(this.router);
  }

  removeView() {
    views.remove(this.router);
  }

  // --- the ticket ----------------------------------------------------------------------------------

  /** Is this a key that means the selection? Buttons of the open ticket always mean the ticket. */
  onSelection({ type, target }) {
    const composer = Boolean(target.closest?.("#composer"));
    return type === "keydown" && actsOn({ selected: this.bulk.meant, composer, ticket: true }) === "selection";
  }

  newTicket() {
    newTicket(this);
  }

  discard() {
    discard(this);
  }

  async assign(event) {
    if (this.onSelection(event)) return this.bulk.assign();
    const { number } = this.ticket; // another ticket may be open by the time the dialog is answered
    const button = "[data-do='assign']";
    const from = event.target.closest?.(button) || document.querySelector(button);
    const was = from.dataset.assignee;
    byId("assign-title").textContent = gettext("Assign ticket");
    const chosen = await choose("dialog-assign", "assign", was);
    if (chosen === null) return;
    await this.change("assign", { assignee: chosen, was }, number, ({ assignee }) => {
      // The header is refetched a moment later; the next assignment may come before that.
      if (this.ticket.number === number) for (const each of document.querySelectorAll(button)) each.dataset.assignee = chosen;
      return assignee ? gettext("Assigned to %(name)s.", { name: assignee }) : gettext("Nobody is assigned now.");
    });
  }

  async priority(event) {
    if (this.onSelection(event)) return this.bulk.priority();
    const { number } = this.ticket;
    byId("priority-title").textContent = gettext("Priority of the ticket");
    const chosen = await choose("dialog-priority", "priority", byId("priority")?.value);
    if (chosen === null) return;
    const { name } = document.querySelector(`#dialog-priority [data-priority="${chosen}"]`).dataset;
    await this.change("priority", { priority: chosen }, number, () => gettext("Priority: %(name)s", { name }));
  }

  async tags(event) {
    if (this.onSelection(event)) return this.bulk.tag();
    const { number } = this.ticket;
    const was = [...document.querySelectorAll("#customer .tags .chip")].map((tag) => tag.textContent);
    const tags = await askTags({ title: gettext("Tags of the ticket"), button: gettext("Save"), value: was });
    if (tags === null) return;
    await this.change("tags", { tags, was: was.join(",") }, number, ({ events }) => (events.length ? gettext("Tags saved.") : ""));
  }

  /** A select in the context pane has another value. */
  changed({ name, value, selectedOptions }) {
    const values = { name: selectedOptions[0].textContent };
    const text = name === "status" ? gettext("Status: %(name)s", values) : gettext("Priority: %(name)s", values);
    return this.change(name, { [name]: value }, this.ticket.number, () => text);
  }

  correct() {
    const { number } = this.ticket;
    const done = () => this.ticket.refresh("triage", "header", "timeline", "queue", "draft");
    correctTriage(number, { here: () => this.ticket.number === number, done });
  }

  escalate() {
    const { number } = this.ticket;
    if (!byId("composer").querySelector("[data-do='escalate']:not([aria-disabled])")) return announce(gettext("There are no teams yet. An admin can add one."));
    escalate(number, { here: () => this.ticket.number === number, done: () => this.ticket.refresh("conversation", "header", "timeline", "queue", "triage") });
  }

  /** By its key the newest escalation of the ticket. */
  judge(event) {
    const clicked = event.target.closest?.("[data-judge]");
    const newest = [...document.querySelectorAll(".handoff:not(.handoff-undone)")].at(-1);
    const button = clicked ?? newest?.querySelector(`[data-judge][data-key="${event.key}"]`);
    if (!button) return announce(gettext("This ticket has no escalation for you to judge."));
    judge(button, () => this.moved());
  }

  transfer(event) {
    if (this.onSelection(event)) return this.bulk.team();
    transfer(this.ticket.number, () => this.moved());
  }

  close(event) {
    if (this.onSelection(event)) return this.bulk.close();
    closeAndTag(this.ticket.number, this.composer.unsent, () => this.moved());
  }

  snooze(event) {
    if (this.onSelection(event)) return this.bulk.snooze();
    snooze(this.ticket.number, () => this.moved());
  }

  wake() {
    this.ticket.focusTitle(); // its button goes
    this.change("status", { status: "open" }, this.ticket.number, () => gettext("The ticket is open again."));
  }

  moved() {
    this.ticket.refresh("conversation", "header", "timeline", "queue");
  }

  /** Save `fields` of ticket `number`; `describe` turns the answer into the message that is shown. */
  async change(path, fields, number = this.ticket.number, describe = () => "") {
    try {
      const answer = await post(`/desk/${number}/${path}`, fields);
      const refresh = () => this.ticket.refresh("header", "timeline", "queue");
      const text = describe(answer);
      refresh();
      if (text) toastWithUndo(text, answer.events, refresh);
    } catch (error) {
      // 409: a colleague was faster. Trying the same again would fail again.
      failed(error, error.status === 409 ? null : () => this.change(path, fields, number, describe));
      this.ticket.refresh("header");
    }
  }

  // --- around it -----------------------------------------------------------------------------------

  next() {
    if (!this.router.step(1)) announce(gettext("This is the last ticket."));
  }

  previous() {
    if (!this.router.step(-1)) announce(gettext("This is the first ticket."));
  }

  select() {
    this.bulk.toggle();
  }

  bulkMenu() {
    this.bulk.menu();
  }

  /** Open the row that has the focus; else go to the conversation; else open the first ticket. */
  openFocused() {
    const row = document.activeElement.closest?.("#rows .row");
    if (row) this.router.open(row.dataset.ticket);
    else if (this.ticket.number) this.ticket.toConversation();
    else this.next();
  }

  context() {
    drawer(!drawerIsOpen());
  }

  search() {
    byId("search").select();
  }

  undo() {
    undoNewest();
  }

  help() {
    fillHelp(byId("key-list"), KEYS);
    open(byId("dialog-help"));
  }

  escape(event) {
    escape(event, this);
  }
}
