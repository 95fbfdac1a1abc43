/* Files on their way to the server, one after the other, also of a ticket that is no longer open. Knows no composer and
   no page. */

import { passing } from "./sending.js";

export class Uploading {
  /**
   * `send(entry, progress, signal)`; `changed(ticket)`; `done(entry, answer)`; `failed(entry)`; `unwanted(answer)`: it
   * arrived, but had been taken out before. An entry: {number, key, ticket, url, kind, file, share, running, error}.
   * `error`: a Failure, and the entry waits for the agent.
   */
  constructor({ send, changed, done, failed, unwanted }) {
    Object.assign(this, { send, changed, done, failed, unwanted, entries: [], running: null, count: 0 });
  }

  of(ticket, kind = null) {
    return this.entries.filter((each) => each.ticket === ticket && (!kind || each.kind === kind));
  }

  /** Would something be lost with the page? */
  get busy() {
    return this.entries.some((each) => !each.error || mayPass(each));
  }

  add({ ticket, url, kind }, file, error = null) {
    const key = crypto.randomUUID(); // the server keeps a file with the same key once
    this.entries.push({ number: ++this.count, key, ticket, url, kind, file, share: 0, error });
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

  /** Take a file out. If the server may have all of it already, its answer is awaited, to take it out there. */
  drop(number) {
    const entry = this.entries.find((each) => each.number === number);
    if (!entry) return;
    this.forget(entry);
    if (entry === this.running && entry.share < 1) entry.stop.abort();
  }

  forget(entry) {
    this.entries = this.entries.filter((each) => each !== entry);
    this.changed(entry.ticket);
  }

  async next() {
    const entry = this.entries.find((each) => !each.error);
    if (!entry || this.running) return;
    this.running = entry;
    entry.stop = new AbortController();
    try {
      const answer = await this.send(entry, (share) => this.progress(entry, share), entry.stop.signal);
      if (!this.entries.includes(entry)) this.unwanted(answer);
      else this.forget(entry), this.done(entry, answer);
    } catch (error) {
      entry.error = error;
      if (this.entries.includes(entry)) this.changed(entry.ticket), this.failed(entry);
    }
    this.running = null;
    return this.next();
  }

  progress(entry, share) {
    entry.share = share;
    this.changed(entry.ticket);
  }
}

/** May the same file be taken when it is tried again? Also after logging in again in another window. */
export function mayPass({ error }) {
  return Boolean(error) && (passing(error.status) || error.status === 401 || error.status === 403);
}
