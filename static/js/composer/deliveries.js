/* What happens after sending: messages about it, newer messages to read first, undo; also for a ticket that is not open. */

import { forwardUndone } from "../dialogs/forwarding.js";
import { sendAnyway } from "../dialogs/newer.js";
import { post } from "../page/http.js";
import * as outgoing from "./outgoing.js";
import { Sending } from "./sending.js";
import { gettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";
import { fromWire } from "./written.js";

export class Deliveries {
  /** `shown`: the open ticket (desk/ticket.js). `open(number)` opens another, `hints()`: are single-key shortcuts on? */
  constructor(shown, { user, open, hints }) {
    Object.assign(this, { shown, user, open, hints });
    this.undone = new Map(); // replies of tickets that are not open whose sending was undone, by ticket
    this.revised = new Map(); // what the composer knew of sent texts that had been revised, by message
    this.sending = new Sending({
      user,
      post,
      changed: (ticket) => this.here(ticket)?.render(),
      arrived: (entry, answer) => this.arrived(entry, answer),
      refused: (entry, error) => this.refused(entry, error),
    });
  }

  /** The composer of this ticket, if it is the one that is open. */
  here(ticket) {
    return String(ticket) === this.shown.number ? this.shown.composer : null;
  }

  arrived(entry, answer) {
    const here = this.here(entry.ticket);
    outgoing.arrived(here, this.user, entry, answer);
    if (here) {
      this.shown.stoppedTyping();
      this.shown.refresh("conversation", "header", "timeline");
    }
    this.shown.refresh("queue");
    if (entry.revised && answer.same !== false) this.revised.set(String(answer.message), entry.revised);
    this.announceSent(entry, answer);
  }

  announceSent({ ticket, kind }, { message, undo_seconds: seconds, same }) {
    if (same === false) return toast(gettext("An earlier version was sent already. What you changed since is still here."), { seconds: 10 });
    if (kind === "note") return toast(gettext("Note saved."));
    const action = seconds > 0 ? { label: gettext("Undo"), seconds, run: () => this.undo(message, ticket) } : null;
    toast(this.hints() ? gettext("Reply sent. Press j for the next ticket.") : gettext("Reply sent."), { action, key: "sent" });
  }

  refused({ ticket, fields }, error) {
    const here = this.here(ticket);
    const newer = error.data?.newer;
    if (here && newer) return this.ask(newer, fields);
    if (newer) error.message = gettext("Not sent: %(name)s has written in the meantime.", { name: newer.at(-1).who });
    failed(error, here ? null : () => this.open(ticket));
    if (error.status !== 422) return;
    here?.findings.refused();
    here?.uploads.refresh();
  }

  /** There are newer messages: the reply is not sent before the agent has seen them. Whom they add does not get it. */
  async ask(newer, fields) {
    this.shown.refresh("conversation");
    const composer = this.shown.composer;
    const seen = Math.max(...newer.map((message) => message.id));
    if (await sendAnyway(newer)) {
      composer.show("reply", { focus: false }); // the agent may have begun a note since
      const to = fields.recipients ? JSON.parse(fields.recipients) : null;
      return outgoing.send(composer, { seen, asked: true, to });
    }
    this.shown.conversation?.toEnd();
    toast(gettext("Not sent. The text is still here."));
  }

  async undo(message, ticket) {
    try {
      const answer = await post(`/messages/${message}/undo-send`);
      if (answer.forward) return forwardUndone(this.shown, answer, this.open);
      const { text, composition, uploads, recipients } = answer;
      const back = { ...fromWire({ text, ...composition }), revised: this.revised.get(String(message)) || null, recipients };
      this.revised.delete(String(message));
      this.shown.refresh("conversation", "header", "timeline", "queue");
      toast(gettext("Sending undone. The text is in the composer again."), { key: "sent" });
      const here = this.here(ticket);
      here?.uploads.set(uploads);
      if (here) return outgoing.restore(here, back);
      this.undone.set(String(ticket), back);
      this.open(ticket);
    } catch (error) {
      failed(error);
    }
  }

  /** A ticket was opened: its reply whose sending was undone goes into the composer. */
  mounted(ticket, composer) {
    const back = this.undone.get(ticket);
    this.undone.delete(ticket);
    if (back) outgoing.restore(composer, back);
  }

  cancelSending() {
    const cancelled = ["reply", "note"].map((kind) => this.sending.cancel(this.shown.number, kind)).find(Boolean);
    if (cancelled) toast(gettext("Not sent. The text is still here."));
  }
}
