/* The draft of the open ticket, as the server tells it: snapshot plus deltas. Knows no editor. */

import { applyDelta } from "./drafttext.js";
import { getJson, post } from "../page/http.js";
import { failed } from "../page/toast.js";

const POLL = 3000; // while the socket is down and a draft waits or is being written
const WATCH = 6000; // while it is up: a place in the queue moves, and a writer that died says nothing

export class Draft {
  constructor(url, changed) {
    this.url = url;
    this.changed = changed;
    this.draft = null;
    this.notice = null;
    this.loaded = false;
    this.told = new Set();
    this.generation = 0;
  }

  get active() {
    return ["queued", "writing"].includes(this.draft?.state);
  }

  async load() {
    const generation = ++this.generation;
    try {
      const snapshot = await getJson(this.url);
      // A later load, or a delta that made it obsolete, has already been applied.
      if (generation === this.generation) this.apply(snapshot);
    } catch (error) {
      if (generation !== this.generation) return;
      this.notice = { code: "unreachable", text: "The copilot cannot be reached. Everything else works." };
      this.loaded = true;
      this.changed();
    }
  }

  apply(snapshot) {
    const before = this.draft;
    this.draft = snapshot.draft;
    this.notice = snapshot.notice;
    this.loaded = true;
    // Deltas that overtook the snapshot are newer than it, unless the draft was begun again.
    const same = before && this.draft && before.id === this.draft.id;
    if (same && this.draft.state === "writing" && (!before.attempt || before.attempt === this.draft.attempt)) {
      if (before.text.startsWith(this.draft.text)) this.draft.text = before.text;
    }
    this.changed();
  }

  heard(event) {
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

  poll(lineReady) {
    clearInterval(this.poller);
    this.poller = setInterval(() => this.active && this.load(), lineReady ? WATCH : POLL);
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
      // 409: one is being written already; its snapshot says which.
      if (error.status === 409 && error.data && "draft" in error.data) this.apply(error.data);
      else failed(error);
      return false;
    }
  }

  again() {
    return this.ask(this.url);
  }

  stop() {
    return this.ask(`/copilot/drafts/${this.draft.id}/stop`);
  }

  reject(reason) {
    return this.ask(`/copilot/drafts/${this.draft.id}/reject`, { reason });
  }

  /** Measured once per draft: when it was first seen, when it was first touched. */
  tell(what, id) {
    const key = `${what}:${id}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    post(`/copilot/drafts/${id}/${what}`, {}, { keepalive: true }).catch(() => this.told.delete(key));
  }
}
