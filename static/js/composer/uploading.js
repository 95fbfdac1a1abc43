/* Files on their way to the server, one after the other, also of a ticket that is no longer open. Knows no composer and
   no page. */

import { passing } from "./sending.js";

export class Uploading {
  /**
   * `send(entry, progress, signal)`; `changed(ticket)`; `done(entry, answer)`; `failed(entry)`.
   * An entry: {number, ticket, url, kind, file, share, running, error}. `error`: a Failure, and the entry waits.
   */
  constructor({ send, changed, done, failed }) {
    Object.assign(this, { send, changed, done, failed, entries: [], count: 0 });
  }

  of(ticket, kind = null) {
    return this.entries.filter((each) => each.ticket === ticket && (!kind || each.kind === kind));
  }

  /** Is something on its way? */
  get busy() {
    return this.entries.some((each) => !each.error);
  }

  add({ ticket, url, kind }, file, error = null) {
    this.entries.push({ number: ++this.count, ticket, url, kind, file, share: 0, running: false, error });
    this.changed(ticket);
    return this.next();
  }

  retry(number) {
    const entry = this.entries.find((each) => each.number === number);
    if (!entry?.error) return;
    Object.assign(entry, { error: null, share: 0 });
    this.changed(entry.ticket);
    return this.next();
  }

  drop(number) {
    const entry = this.entries.find((each) => each.number === number);
    if (!entry) return;
    this.entries = this.entries.filter((each) => each !== entry);
    entry.stop?.abort();
    this.changed(entry.ticket);
  }

  async next() {
    const entry = this.entries.find((each) => !each.error);
    if (!entry || this.entries.some((each) => each.running)) return;
    entry.running = true;
    entry.stop = new AbortController();
    try {
      const answer = await this.send(entry, (share) => this.progress(entry, share), entry.stop.signal);
      this.entries = this.entries.filter((each) => each !== entry);
      this.changed(entry.ticket);
      this.done(entry, answer);
    } catch (error) {
      entry.error = error;
      if (this.entries.includes(entry)) this.changed(entry.ticket), this.failed(entry);
    }
    entry.running = false;
    return this.next();
  }

  progress(entry, share) {
    entry.share = share;
    this.changed(entry.ticket);
  }
}

/** May the same file be taken when it is tried again? */
export function mayPass({ error }) {
  return Boolean(error) && passing(error.status);
}
