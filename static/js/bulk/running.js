/* Pure: something that takes one request after the other, with how far it is. One at a time; it can be stopped. */

import { Failure } from "../page/http.js";
import { parts } from "./ranges.js";

export class Running {
  /** `changed()`: after every step. */
  constructor(changed) {
    Object.assign(this, { changed, now: null });
  }

  get busy() {
    return this.now !== null;
  }

  /** {done, total} of something that takes more than one request, else null. */
  get progress() {
    return this.now?.long ? this.now : null;
  }

  /** The request that is on its way is the last one. */
  stop() {
    if (this.now) this.now.stopped = true;
    this.changed();
  }

  /** `send(part)` for each part of at most `size` items. Resolves to {rest, error}: the items that were not sent or not
      accepted, and the Failure of the request that ended it, if one did. */
  async run(items, size, send) {
    const all = parts(items, size);
    const now = (this.now = { done: 0, total: items.length, long: all.length > 1, stopped: false });
    let error = null;
    this.changed();
    try {
      for (const part of all) {
        if (now.stopped) break;
        await send(part);
        now.done += part.length;
        this.changed();
      }
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      error = failure;
    } finally {
      this.now = null;
      this.changed();
    }
    return { rest: items.slice(now.done), error };
  }
}
