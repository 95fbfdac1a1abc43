/* Pure: when to fetch again. Several events at once are one fetch, a stream of them does not put it off for ever, and a
   slow fetch is followed by a rest. Random, so that not all browsers ask at the same moment. */

export const SETTLE = 250; // milliseconds after an event: that and up to twice as much
export const LONGEST = 1000; // after the first event
export const REST = 4; // times as long as the last fetch took
const LONGEST_REST = 60_000;

export class Soon {
  /** `run()` fetches; it may return a promise. */
  constructor(run, { random = Math.random, now = () => performance.now() } = {}) {
    Object.assign(this, { run, random, now, first: null, rest: 0, running: 0, again: false });
  }

  /** Something has changed. */
  ask() {
    if (this.running) return void (this.again = true);
    const now = this.now();
    this.first ??= now;
    const settled = now + SETTLE * (1 + this.random());
    const latest = this.first + LONGEST * (1 - this.random() / 4);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.start(), Math.max(0, Math.max(Math.min(settled, latest), this.rest) - now));
  }

  /** At once, for what the member has done. Resolves to what `run` does. */
  async start() {
    clearTimeout(this.timer);
    this.first = null;
    this.running += 1;
    const began = this.now();
    try {
      return await this.run();
    } finally {
      this.running -= 1;
      this.rest = this.now() + Math.min(LONGEST_REST, REST * (this.now() - began));
      if (this.again && !this.running) {
        this.again = false;
        this.ask();
      }
    }
  }
}
