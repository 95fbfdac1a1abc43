/* What the server says against the text of the composer. One request at a time; an answer to an older text is dropped.
   Knows no page. */

export const PAUSE = 350; // milliseconds without typing, then the rules are asked
export const PATIENCE = 300; // milliseconds that sending waits for them
export const THOUGHT = 1500; // milliseconds after their answer, then the model is asked for its doubts

/** Places [{start, end}] of a text that has changed from `before` to `after`, without those that the change touches. */
export function moved(places, before, after) {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const by = after.length - before.length;
  return places.flatMap((each) => {
    if (each.end <= head) return [each];
    return each.start >= before.length - tail ? [{ ...each, start: each.start + by, end: each.end + by }] : [];
  });
}

export class Check {
  /**
   * `ask(doc)`: {findings, origins} by the rules; `askModel(doc)`: {findings}, both may fail. `changed()`: there is
   * another answer. `doc.key` is the same as long as the text is.
   */
  constructor({ ask, askModel, changed, later = (run, after) => setTimeout(run, after), stop = (timer) => clearTimeout(timer) }) {
    Object.assign(this, { ask, askModel, changed, later, stop });
    this.doc = null; // the text now; null: there is nothing to check
    this.answer = null; // {key, findings, origins, doubts}
    this.busy = this.thinking = false;
    this.waiting = [];
  }

  /** This is the text now. */
  look(doc) {
    if (this.doc?.key === doc?.key) return;
    this.doc = doc;
    this.stop(this.timer);
    this.stop(this.thought);
    if (doc) this.timer = this.later(() => this.run(), PAUSE);
  }

  /** The answer for the text as it is now, else null. */
  get now() {
    return this.doc && this.answer?.key === this.doc.key ? this.answer : null;
  }

  /** The answer as soon as it is there; null if it does not come in time. */
  ready(patience = PATIENCE) {
    if (this.now || !this.doc) return Promise.resolve(this.now);
    return new Promise((resolve) => {
      const timer = this.later(() => resolve(null), patience);
      this.waiting.push(() => (this.stop(timer), resolve(this.now)));
      this.stop(this.timer);
      this.run();
    });
  }

  async run() {
    if (this.busy || !this.doc || this.now) return;
    const { doc } = this;
    this.busy = true;
    let answer = null;
    try {
      answer = await this.ask(doc);
    } catch {
      /* not known then: what must not be sent the server refuses anyway */
    }
    this.busy = false;
    if (this.doc && this.doc.key !== doc.key) return this.run();
    if (this.doc && answer) this.take(doc, answer);
    for (const done of this.waiting.splice(0)) done();
  }

  take(doc, answer) {
    this.answer = { key: doc.key, doubts: [], ...answer };
    this.thought = this.later(() => this.think(doc), THOUGHT);
    this.changed();
  }

  async think(doc) {
    if (this.thinking || this.doc?.key !== doc.key) return;
    this.thinking = true;
    try {
      const { findings } = await this.askModel(doc);
      if (this.doc?.key === doc.key && this.now) {
        this.answer.doubts = findings;
        this.changed();
      }
    } catch {
      /* a doubt that does not come */
    }
    this.thinking = false;
  }

  leave() {
    this.look(null);
  }
}
