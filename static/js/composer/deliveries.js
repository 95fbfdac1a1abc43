/* What became of what was sent: told, asked about, undone; on the ticket it belongs to, open or not. */

import { sendAnyway } from "../dialogs/newer.js";
import { post } from "../page/http.js";
import * as outgoing from "./outgoing.js";
import { Sending } from "./sending.js";
import { failed, toast } from "../page/toast.js";
import { fromWire } from "./written.js";

export class Deliveries {
  /** `shown`: the ticket on the screen (desk/ticket.js). `open(number)` opens another, `hints()`: are single keys on. */
  constructor(shown, { user, open, hints }) {
    Object.assign(this, { shown, user, open, hints });
    this.undone = new Map(); // replies taken back whose ticket is not on the screen, by ticket
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
      this.shown.rested();
      this.shown.refresh("conversation", "header", "timeline");
    }
    this.shown.refresh("queue");
    this.tell(entry, answer);
  }

  tell({ ticket, kind }, { message, undo_seconds: seconds, same }) {
    if (same === false) return toast("An earlier version had already arrived; what you changed since is still here.", { seconds: 10 });
    if (kind === "note") return toast("Note saved.");
    const action = seconds > 0 ? { label: "Undo", seconds, run: () => this.undo(message, ticket) } : null;
    toast(this.hints() ? "Reply sent. Press j for the next ticket." : "Reply sent.", { action, key: "sent" });
  }

  refused({ ticket }, error) {
    const here = this.here(ticket);
    const newer = error.data?.newer;
    if (here && newer) return this.ask(newer);
    if (newer) error.message = `Not sent: ${newer.at(-1).who} has written meanwhile.`;
    failed(error, here ? null : () => this.open(ticket));
  }

  /** Somebody was faster: nothing is sent over it unseen. */
  async ask(newer) {
    this.shown.refresh("conversation");
    const composer = this.shown.composer;
    const seen = Math.max(...newer.map((message) => message.id));
    if (await sendAnyway(newer)) {
      composer.show("reply", { focus: false }); // while the reply was on its way a note may have been begun
      return outgoing.send(composer, { seen });
    }
    this.shown.conversation?.toEnd();
    toast("Not sent. The text is still here.");
  }

  async undo(message, ticket) {
    try {
      const { text, composition } = await post(`/messages/${message}/undo-send`);
      const back = fromWire({ text, ...composition });
      this.shown.refresh("conversation", "header", "timeline", "queue");
      toast("Taken back. The text is in the composer again.", { key: "sent" });
      const here = this.here(ticket);
      if (here) return outgoing.takeBack(here, back);
      this.undone.set(String(ticket), back);
      this.open(ticket);
    } catch (error) {
      failed(error);
    }
  }

  /** A ticket is on the screen: a reply of it that was taken back meanwhile comes with it. */
  mounted(ticket, composer) {
    const back = this.undone.get(ticket);
    this.undone.delete(ticket);
    if (back) outgoing.takeBack(composer, back);
  }

  callBack() {
    const called = ["reply", "note"].map((kind) => this.sending.cancel(this.shown.number, kind)).find(Boolean);
    if (called) toast("Not sent. The text is still here.");
  }
}
