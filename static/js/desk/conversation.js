/* The conversation: new messages are added at the end, without scrolling for somebody who reads further up. */

import { refreshAges } from "../page/ages.js";
import { getHtml } from "../page/http.js";
import { parse, reconcile, remember } from "../live/reconcile.js";

const NEAR = 60;

export class Conversation {
  constructor(element) {
    this.element = element;
    this.messages = element.querySelector("#messages");
    this.newer = element.querySelector("#newer");
    remember(this.messages);
    this.toEnd();
    this.ending = true;
    element.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.newer.addEventListener("click", () => this.toEnd());
    // When the composer grows, the last message stays visible if it was.
    new ResizeObserver(() => this.ending && this.toEnd()).observe(element);
  }

  scrolled() {
    this.ending = this.atEnd;
    if (this.ending) this.newer.hidden = true;
  }

  /** Id of the newest message shown, notes do not count. */
  get newest() {
    const messages = this.messages.querySelectorAll(".message:not(.message-note)");
    return Math.max(0, ...[...messages].map((each) => Number(each.id.split("-").at(-1)) || 0));
  }

  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
    this.newer.hidden = true;
  }

  async refresh() {
    const stay = !this.atEnd;
    const fresh = [...parse(await getHtml(this.element.dataset.url)).children];
    const added = reconcile(this.messages, fresh);
    refreshAges(this.messages);
    if (!stay) this.toEnd();
    else if (added.length) this.newer.hidden = false;
    return added;
  }
}
