/* Who else is on a ticket. Each browser announces itself every few seconds and forgets others that have gone silent;
   nothing is stored (tickets/sockets/presence.py). */

import { listed, ngettext } from "../page/texts.js";

const EVERY = 4000;
const FORGET = 10000;
const FORGET_IN_QUEUE = 30000; // announced there less often
const STILL_TYPING = 4000;

/** Pure: who announced themselves, and when. */
export class Others {
  constructor(me, forget = FORGET) {
    this.me = Number(me);
    this.forget = forget;
    this.present = new Map();
  }

  receive({ who, state }, now) {
    if (!who || who.id === this.me) return;
    if (state === "gone") this.present.delete(who.id);
    else this.present.set(who.id, { name: who.name, state, at: now });
  }

  here(now) {
    for (const [id, { at }] of this.present) if (now - at > this.forget) this.present.delete(id);
    return [...this.present.values()];
  }
}

/** "Jonas Brandt is typing", "Jonas Brandt and Rosa Marchetti are here". If somebody types, only they are named. */
export function words(here) {
  const typing = here.filter((each) => each.state === "typing");
  const named = (typing.length ? typing : here).map((each) => each.name);
  if (!named.length) return "";
  const names = listed(named);
  if (typing.length) return ngettext("%(names)s is typing", "%(names)s are typing", named.length, { names });
  return ngettext("%(names)s is here", "%(names)s are here", named.length, { names });
}

/** Who is on which ticket, shown in the rows of the queue. */
export class QueuePresence {
  constructor(me) {
    this.me = me;
    this.tickets = new Map();
    setInterval(() => this.show(), EVERY);
  }

  receive(event) {
    if (!this.tickets.has(event.ticket)) this.tickets.set(event.ticket, new Others(this.me, FORGET_IN_QUEUE));
    this.tickets.get(event.ticket).receive(event, Date.now());
    this.show();
  }

  /** Repeated, because updates of the queue replace rows. */
  show() {
    for (const [ticket, others] of this.tickets) {
      const text = words(others.here(Date.now()));
      const row = document.getElementById(`row-${ticket}`);
      if (row && text) row.dataset.others = text;
      else row?.removeAttribute("data-others");
      if (!text) this.tickets.delete(ticket);
    }
  }
}

export class Presence {
  /** `send(object)` sends to the others on the ticket; `show(text, typing)` shows who they are. */
  constructor(me, { send, show }) {
    Object.assign(this, { send, show });
    this.others = new Others(me);
    this.typedAt = 0;
    this.timer = setInterval(() => this.beat(), EVERY);
    this.seen = () => this.beat();
    document.addEventListener("visibilitychange", this.seen);
  }

  get state() {
    if (document.hidden) return "gone";
    return Date.now() - this.typedAt < STILL_TYPING ? "typing" : "viewing";
  }

  arrive() {
    this.send({ presence: this.state, asks: true });
  }

  receive(event) {
    this.others.receive(event, Date.now());
    if (event.asks && event.who.id !== this.others.me && !document.hidden) this.send({ presence: this.state });
    this.showOthers();
  }

  typed() {
    const began = this.state !== "typing";
    this.typedAt = Date.now();
    if (began) this.beat();
  }

  /** After sending: this member no longer types. */
  stoppedTyping() {
    this.typedAt = 0;
    this.beat();
  }

  beat() {
    this.send({ presence: this.state });
    this.showOthers();
  }

  showOthers() {
    const here = this.others.here(Date.now());
    this.show(words(here), here.some((each) => each.state === "typing"));
  }

  leave() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }
}
