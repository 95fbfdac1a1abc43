/* Who else is on the open ticket. Everybody says themselves every few seconds and forgets whom they have not heard;
   nothing is kept anywhere (tickets/sockets/presence.py). */

const EVERY = 4000;
const FORGET = 10000;
const FORGET_IN_QUEUE = 30000; // it is told less often there
const STILL_TYPING = 4000;

/** Pure: who was heard, and when. */
export class Others {
  constructor(me, forget = FORGET) {
    this.me = Number(me);
    this.forget = forget;
    this.heardOf = new Map();
  }

  heard({ who, state }, now) {
    if (!who || who.id === this.me) return;
    if (state === "gone") this.heardOf.delete(who.id);
    else this.heardOf.set(who.id, { name: who.name, state, at: now });
  }

  here(now) {
    for (const [id, { at }] of this.heardOf) if (now - at > this.forget) this.heardOf.delete(id);
    return [...this.heardOf.values()];
  }
}

/** "Jonas Brandt is typing", "Jonas Brandt and Rosa Marchetti are here". Who types comes first. */
export function words(here) {
  const typing = here.filter((each) => each.state === "typing");
  const named = (typing.length ? typing : here).map((each) => each.name);
  if (!named.length) return "";
  const list = named.length > 1 ? `${named.slice(0, -1).join(", ")} and ${named.at(-1)}` : named[0];
  return `${list} ${named.length > 1 ? "are" : "is"} ${typing.length ? "typing" : "here"}`;
}

/** Who is on the tickets of the queue, said in their rows. */
export class QueuePresence {
  constructor(me) {
    this.me = me;
    this.tickets = new Map();
    setInterval(() => this.show(), EVERY);
  }

  heard(event) {
    if (!this.tickets.has(event.ticket)) this.tickets.set(event.ticket, new Others(this.me, FORGET_IN_QUEUE));
    this.tickets.get(event.ticket).heard(event, Date.now());
    this.show();
  }

  /** Again and again, because the rows are brought up to date by others. */
  show() {
    for (const [ticket, others] of this.tickets) {
      const said = words(others.here(Date.now()));
      const row = document.getElementById(`row-${ticket}`);
      if (row && said) row.dataset.others = said;
      else row?.removeAttribute("data-others");
      if (!said) this.tickets.delete(ticket);
    }
  }
}

export class Presence {
  /** `say(object)` sends over the ticket's line; `show(words, typing)` is called when it changed. */
  constructor(me, { say, show }) {
    Object.assign(this, { say, show });
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
    this.say({ presence: this.state, asks: true });
  }

  heard(event) {
    this.others.heard(event, Date.now());
    if (event.asks && event.who.id !== this.others.me && !document.hidden) this.say({ presence: this.state });
    this.tell();
  }

  typed() {
    const began = this.state !== "typing";
    this.typedAt = Date.now();
    if (began) this.beat();
  }

  /** Sent: nobody types any more. */
  rested() {
    this.typedAt = 0;
    this.beat();
  }

  beat() {
    this.say({ presence: this.state });
    this.tell();
  }

  tell() {
    const here = this.others.here(Date.now());
    this.show(words(here), here.some((each) => each.state === "typing"));
  }

  leave() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }
}
