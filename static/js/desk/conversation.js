/* The conversation: new messages appear at the end; whoever reads further up is not moved. */

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
    // The composer grew: whoever read the last message still does.
    new ResizeObserver(() => this.ending && this.toEnd()).observe(element);
  }

  scrolled() {
    this.ending = this.atEnd;
    if (this.ending) this.newer.hidden = true;
  }

  /** Id of the newest message, by customer or colleague, that stands here. */
  get newest() {
    const said = this.messages.querySelectorAll(".message-customer, .message-reply");
    return Math.max(0, ...[...said].map((each) => Number(each.id.split("-").at(-1)) || 0));
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
