/* Messages that were sent and have not arrived yet. Each is tried again with the same submission id until the server
   has it, also after a reload, so none is lost or saved twice. Knows no composer and no page. */

export const GIVE_UP = 10 * 60 * 1000; // later, nobody expects the reply to be sent any more
const PATIENCE = 30000; // milliseconds without an answer, then it is tried again
const PREFIX = "copydesk:sending:";

/** Milliseconds until the next try. */
export function pause(tries) {
  return Math.min(10000, 1000 * 2 ** Math.max(0, tries - 1));
}

/** Can the same request succeed later? */
export function passing(status) {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

export class Sending {
  /**
   * `post(url, fields, options)`; `arrived(entry, answer)`, `refused(entry, error)`, `changed(ticket)`.
   * An entry: {ticket, kind, url, fields, …whatever the composer wants back}.
   */
  constructor({ user, post, arrived, refused, changed, storage = localStorage, now = () => Date.now(), later = (run, after) => setTimeout(run, after) }) {
    Object.assign(this, { user, post, arrived, refused, changed, storage, now, later });
    this.entries = new Map();
  }

  of(ticket, kind) {
    return this.entries.get(`${ticket}:${kind}`);
  }

  start(entry) {
    const key = `${entry.ticket}:${entry.kind}`;
    if (this.entries.has(key)) return;
    this.entries.set(key, { began: this.now(), tries: 0, ...entry, waiting: false });
    this.keep(key);
    return this.try(key);
  }

  /** Go on with what an earlier page left. What is too old is dropped; its text is still in the composer. */
  resume() {
    for (const name of this.names()) {
      const entry = JSON.parse(this.storage.getItem(name));
      if (this.now() - entry.began > GIVE_UP) this.storage.removeItem(name);
      else this.start(entry);
    }
  }

  /** The network is back: try everything that waits. */
  retryAll() {
    for (const [key, entry] of this.entries) if (entry.waiting) this.try(key);
  }

  cancel(ticket, kind) {
    const entry = this.of(ticket, kind);
    if (entry) this.end(`${ticket}:${kind}`);
    return entry;
  }

  async try(key) {
    const entry = this.entries.get(key);
    if (!entry) return;
    const turn = ++entry.tries;
    entry.waiting = false;
    this.changed(entry.ticket);
    let answer;
    try {
      answer = await this.post(entry.url, entry.fields, { signal: AbortSignal.timeout(PATIENCE) });
    } catch (error) {
      if (this.entries.get(key) === entry && entry.tries === turn) this.failed(key, entry, error);
      return;
    }
    if (this.entries.get(key) !== entry) {
      // Cancelled too late: the server has it, so the page must show that.
      return this.arrived(entry, answer);
    }
    this.end(key);
    this.arrived(entry, answer);
  }

  failed(key, entry, error) {
    const old = this.now() - entry.began > GIVE_UP;
    if (!passing(error.status) || old) {
      this.end(key);
      this.refused(entry, error);
      return;
    }
    entry.waiting = true;
    const turn = entry.tries;
    this.later(() => entry.waiting && entry.tries === turn && this.try(key), pause(turn));
    this.changed(entry.ticket);
  }

  end(key) {
    const entry = this.entries.get(key);
    this.entries.delete(key);
    this.quietly(() => this.storage.removeItem(this.name(key)));
    this.changed(entry.ticket);
  }

  keep(key) {
    this.quietly(() => this.storage.setItem(this.name(key), JSON.stringify(this.entries.get(key))));
  }

  name(key) {
    return `${PREFIX}${this.user}:${key}`;
  }

  names() {
    try {
      return Object.keys(this.storage).filter((name) => name.startsWith(`${PREFIX}${this.user}:`));
    } catch {
      return [];
    }
  }

  quietly(act) {
    try {
      act();
    } catch {
      /* storage is full or switched off: only this page knows of it then */
    }
  }
}
