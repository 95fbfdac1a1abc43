/* The draft of the open ticket: a snapshot from the server plus the deltas that arrive afterwards. Knows no editor. */

import { applyDelta } from "./drafttext.js";
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
    // Deltas that arrived before this snapshot may be ahead of it, unless the draft was started again since.
    const same = before && this.draft && before.id === this.draft.id;
    if (same && this.draft.state === "writing" && (!before.attempt || before.attempt === this.draft.attempt)) {
      if (before.text.startsWith(this.draft.text)) this.draft.text = before.text;
    }
    this.changed();
  }

  receive(event) {
    if (event.type === "draft.changed") return void this.load();
    if (event.type !== "draft.delta") return;
    if (!this.draft || event.draft !== this.draft.id) {
      if (this.loaded) this.load();
      return;
    }
    const { text, fits } = applyDelta(this.draft.text || "", event.at, event.text);
    if (!fits) return void this.load();
    this.draft.text = text;
    if (this.draft.state === "queued") this.draft.state = "writing";
    this.changed();
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
