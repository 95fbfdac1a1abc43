/* The draft of the open ticket: a snapshot from the server plus the deltas that arrive afterwards. Knows no editor. */

import { applyDelta, caughtUp } from "./drafttext.js";
import { getJson, post } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { failed } from "../page/toast.js";

const POLL = 3000; // without a socket, while a draft waits or is being written
const WATCH = 6000; // with one: the place in the queue changes, and a drafter that died announces nothing

export class Draft {
  constructor(url, changed) {
    this.url = url;
    this.changed = changed;
    this.draft = null;
    this.notice = null;
    this.loaded = false;
    this.reported = new Set();
    this.ahead = false; // have deltas brought more text than the last snapshot
    this.since = []; // deltas that wait for a snapshot, because they may follow another text; null: none do
    this.generation = 0;
  }

  get active() {
    return ["queued", "writing"].includes(this.draft?.state);
  }

  async load() {
    const generation = ++this.generation;
    try {
      const snapshot = await getJson(this.url);
      // If not, a later request has been made: its snapshot is newer.
      if (generation === this.generation) this.apply(snapshot);
    } catch (error) {
      if (generation !== this.generation) return;
      this.notice = { code: "unreachable", text: gettext("The copilot cannot be reached. Everything else works.") };
      this.loaded = true;
      this.changed();
    }
  }

  apply(snapshot) {
    const before = this.draft;
    this.draft = snapshot.draft;
    this.notice = snapshot.notice;
    this.loaded = true;
    this.since = this.draft?.state === "writing" ? this.catchUp(before) : null;
    this.changed();
    if (this.since) this.load();
  }

  /** Deltas may be ahead of a snapshot, unless the draft was started again or got another text since.
      Returns those that the snapshot is too old for, or null. */
  catchUp(before) {
    const { draft } = this;
    if (this.since) {
      const { text, left } = caughtUp(draft.text, this.since.filter((delta) => delta.draft === draft.id));
      this.ahead = text !== draft.text;
      draft.text = text;
      return left.length ? left : null;
    }
    const same = before?.id === draft.id && (!before.attempt || before.attempt === draft.attempt);
    this.ahead = this.ahead && same && before.text.startsWith(draft.text);
    if (this.ahead) draft.text = before.text;
    return null;
  }

  receive(event) {
    if (event.type === "draft.changed") {
      this.since = []; // what comes now may follow another text
      return void this.load();
    }
    if (event.type !== "draft.delta") return;
    if (this.since) return void this.since.push(event);
    if (!this.draft || event.draft !== this.draft.id) {
      if (this.loaded) this.fetchBefore(event);
      return;
    }
    const { text, fits } = applyDelta(this.draft.text || "", event.at, event.text);
    if (!fits) return void this.fetchBefore(event);
    this.draft.text = text;
    this.ahead = true;
    if (this.draft.state === "queued") this.draft.state = "writing";
    this.changed();
  }

  /** Something was missed. */
  fetchBefore(delta) {
    this.since = [delta];
    this.load();
  }

  poll(connected) {
    clearInterval(this.poller);
    this.poller = setInterval(() => this.active && this.load(), connected ? WATCH : POLL);
  }

  leave() {
    clearInterval(this.poller);
    this.generation++;
    this.changed = () => {};
  }

  async ask(url, fields = {}) {
    const generation = ++this.generation;
    try {
      const snapshot = await post(url, fields);
      if (generation === this.generation && snapshot) this.apply(snapshot);
      return true;
    } catch (error) {
      // 409: a draft is being written already; the answer is its snapshot.
      if (error.status === 409 && error.data && "draft" in error.data) this.apply(error.data);
      else failed(error);
      return false;
    }
  }

  regenerate() {
    return this.ask(this.url);
  }

  stop() {
    return this.ask(`/copilot/drafts/${this.draft.id}/stop`);
  }

  reject(reason) {
    return this.ask(`/copilot/drafts/${this.draft.id}/reject`, { reason });
  }

  /** Report once per draft that it was "shown", or that the agent began to edit it ("first-key"). */
  report(what, id) {
    const key = `${what}:${id}`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    post(`/copilot/drafts/${id}/${what}`, {}, { keepalive: true }).catch(() => this.reported.delete(key));
  }
}
