/* What a person does on the desk, by name: keys.js says which key asks for it, clicks.js which button. */

import * as outgoing from "../composer/outgoing.js";
import { closeAndTag } from "../dialogs/closing.js";
import { choose, open } from "../dialogs/dialog.js";
import { handOver } from "../dialogs/handover.js";
import { closeExcerpt, excerptIsOpen } from "../draft/excerpt.js";
import { post } from "../page/http.js";
import { fillHelp, typing } from "../page/keyboard.js";
import { announce, failed, toast, undoNewest } from "../page/toast.js";
import { drawer, drawerIsOpen } from "./context.js";
import { escapes, KEYS } from "./keys.js";

const byId = (id) => document.getElementById(id);

export class Actions {
  /** `ticket`: the one on the screen (ticket.js). */
  constructor({ ticket, router }) {
    Object.assign(this, { ticket, router });
  }

  get composer() {
    return this.ticket.composer;
  }

  // --- the answer ------------------------------------------------------------------------------

  /** A click of the mouse has a detail; a key, or Enter or Space on the button, has none. */
  send(event) {
    outgoing.send(this.composer, { key: event.detail === 0 });
  }

  reply() {
    this.composer.show("reply");
  }

  note() {
    this.composer.show("note");
  }

  callBack() {
    this.ticket.deliveries.callBack();
  }

  // --- the draft ---------------------------------------------------------------------------------

  insert() {
    this.composer.insert();
  }

  again() {
    this.composer.again();
  }

  stop() {
    this.composer.stop();
  }

  async reject() {
    const { composer } = this;
    if (!composer.canReject) return;
    const reason = await choose("dialog-reject", "reason");
    if (reason) composer.reject(reason);
  }

  // --- the ticket ----------------------------------------------------------------------------------

  async assign(event) {
    const { number } = this.ticket; // the dialog stays open when the browser goes back to another ticket
    const button = "[data-do='assign']";
    const from = event.target.closest?.(button) || document.querySelector(button);
    const was = from.dataset.assignee;
    const chosen = await choose("dialog-assign", "assign", was);
    if (chosen === null) return;
    await this.change("assign", { assignee: chosen, was }, number, ({ assignee }) => {
      // The header comes a moment later, and the next assignment may be quicker.
      if (this.ticket.number === number) for (const each of document.querySelectorAll(button)) each.dataset.assignee = chosen;
      return assignee ? `Given to ${assignee}.` : "Back in the queue.";
    });
  }

  handOver() {
    handOver(this.ticket.number, () => this.moved());
  }

  close() {
    closeAndTag(this.ticket.number, this.composer.unsent, () => this.moved());
  }

  moved() {
    this.ticket.refresh("conversation", "header", "timeline", "queue");
  }

  /** `fields` of ticket `number` are saved; `words` makes the sentence that says so, from what the desk answered. */
  async change(path, fields, number = this.ticket.number, words = () => "") {
    try {
      const said = words(await post(`/desk/${number}/${path}`, fields));
      this.ticket.refresh("header", "timeline", "queue");
      if (said) toast(said);
    } catch (error) {
      // Somebody was faster: the same again would be refused again.
      failed(error, error.status === 409 ? null : () => this.change(path, fields, number, words));
      this.ticket.refresh("header");
    }
  }

  // --- around it -----------------------------------------------------------------------------------

  next() {
    if (!this.router.step(1)) announce("This is the last ticket.");
  }

  previous() {
    if (!this.router.step(-1)) announce("This is the first ticket.");
  }

  /** The row that has the focus, else the conversation, else the first ticket. */
  openFocused() {
    const row = document.activeElement.closest?.("a[data-open]");
    if (row) this.router.open(row.dataset.open);
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
    const steps = {
      leaveSearch: () => event.target.blur(),
      closeExcerpt,
      callBack: () => this.callBack(),
      stop: () => this.stop(),
      closeDrawer: () => drawer(false),
      leaveText: () => this.ticket.focusTitle(),
    };
    const step = escapes({
      searching: ["search", "knowledge-search"].includes(event.target.id),
      excerpt: excerptIsOpen(),
      going: byId("going")?.hidden === false,
      writing: Boolean(this.composer?.canStop),
      drawer: drawerIsOpen(),
      typing: typing(event.target),
    });
    steps[step]?.();
  }
}
