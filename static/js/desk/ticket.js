/* The open ticket: its conversation, composer and connection for live updates, and who else is on it. */

import { Composer } from "../composer/composer.js";
import { Deliveries } from "../composer/deliveries.js";
import { Findings } from "../composer/findings.js";
import { Uploading } from "../composer/uploading.js";
import { Uploads } from "../composer/uploads.js";
import { closeExcerpt, showExcerpt } from "../draft/excerpt.js";
import { Presence } from "../live/presence.js";
import { Connection } from "../live/sockets.js";
import { refreshAges } from "../page/ages.js";
import { post, token } from "../page/http.js";
import { showMacKeys } from "../page/keyboard.js";
import { gettext } from "../page/texts.js";
import { announce, failed, toast } from "../page/toast.js";
import { upload } from "../page/upload.js";
import { Revising } from "../revise/revising.js";
import { Conversation } from "./conversation.js";
import { watchHistory } from "./history.js";
import { watchSummary } from "./thread_summary.js";

const TOGETHER = 150; // milliseconds: several changes of the sources, the triage or the messages are one request

export class OpenTicket {
  /** `open(number)` opens another ticket, `reveal()` shows this one on a narrow screen, `hints()`: are single-key shortcuts on? */
  constructor({ user, queue, open, reveal, hints }) {
    Object.assign(this, { user, queue, reveal });
    this.deliveries = new Deliveries(this, { user, open, hints });
    this.unseen = new Set(); // tickets for which a file arrived when they were not open
    this.uploading = this.uploads();
    this.composer = this.conversation = this.connection = this.presence = this.summary = this.leaving = null;
  }

  get number() {
    return document.getElementById("pane")?.dataset.ticket ?? null;
  }

  leave() {
    closeExcerpt();
    this.composer?.findings.leave();
    this.composer?.revising.leave();
    this.composer?.leave();
    this.presence?.leave();
    this.connection?.close();
    this.leaving?.abort();
    this.composer = this.conversation = this.connection = this.presence = this.summary = this.leaving = null;
  }

  mount() {
    const pane = document.getElementById("pane");
    if (!pane) return;
    document.title = `${pane.dataset.title} · Copydesk`;
    this.queue.open(this.number);
    this.conversation = new Conversation(document.getElementById("conversation"));
    this.composer = this.compose();
    this.composer.revising = new Revising(this.composer);
    this.connection = this.listen();
    this.presence = new Presence(this.user, { send: (what) => this.connection?.send(what), show: showOthers });
    this.watch(document.getElementById("context"), (this.leaving = new AbortController()).signal);
    showMacKeys(pane);
    refreshAges();
    this.deliveries.mounted(this.number, this.composer);
  }

  /** The panels of the context pane that do more than htmx, until `signal` says that the ticket is left. */
  watch(context, signal) {
    this.summary = watchSummary(context, signal);
    watchHistory(context, signal);
  }

  compose() {
    const composer = new Composer(document.getElementById("composer"), {
      user: this.user,
      sending: this.deliveries.sending,
      excerpt: showExcerpt,
      away: () => this.toConversation(),
      seen: () => this.conversation.newest,
      typing: () => this.presence?.typed(),
      reveal: this.reveal,
    });
    composer.uploads = new Uploads(composer, this.uploading, () => this.deliveries.here(composer.ticket)?.uploads);
    if (this.unseen.delete(composer.ticket)) composer.uploads.refresh();
    composer.findings = new Findings(composer);
    return composer;
  }

  uploads() {
    const here = (ticket) => this.deliveries.here(ticket)?.uploads;
    return new Uploading({
      send: ({ url, file, key, kind }, progress, signal) => {
        const fields = { file, key, note: kind === "note" ? "on" : "", csrfmiddlewaretoken: token() };
        return upload(url, fields, progress, signal);
      },
      changed: (ticket) => here(ticket)?.render(),
      done: (entry, answer) => (here(entry.ticket) ? here(entry.ticket).arrived(entry, answer) : this.unseen.add(entry.ticket)),
      unwanted: ({ upload: number }) => post(`/uploads/${number}/remove`).catch(failed),
      // Its row says why; without the row nobody would know.
      failed: ({ ticket, error }) => (here(ticket) ? announce(error.message) : toast(error.message, { kind: "bad", seconds: 10 })),
    });
  }

  listen() {
    return new Connection(`/ws/tickets/${this.number}/`, {
      event: (event) => this.receive(event),
      state: (state) => this.composer?.draft.poll(state === "ready"),
      opened: (again) => this.connected(again),
    });
  }

  connected(again) {
    const { draft } = this.composer;
    this.presence.arrive();
    this.deliveries.sending.retryAll();
    // Changes that were announced while there was no connection are not announced again.
    if (again) this.refresh("conversation", "header", "timeline", "context", "triage", "draft");
    else if (!draft.loaded || draft.active || !draft.draft) draft.load();
  }

  receive(event) {
    if (event.type === "ticket.changed") this.refresh(...event.parts);
    else if (event.type === "presence") this.presence?.receive(event);
    else if (event.type?.startsWith("draft.")) {
      this.composer?.draft.receive(event);
      if (event.type === "draft.changed") this.sourcesSoon();
    }
  }

  /** Fetch the changed `parts` again. */
  refresh(...parts) {
    for (const part of parts) {
      if (part === "queue") this.queue.refreshSoon();
      else if (this.number) this.refreshPart(part);
    }
  }

  refreshPart(part) {
    if (part === "conversation") this.conversationChanged();
    else if (part === "draft") this.composer.draft.load(), this.sourcesSoon();
    else if (part === "context") this.contextChanged();
    else if (part === "triage") this.triageSoon();
    else if (part === "header") trigger("#ticket-header", "refresh-header"), trigger("#customer", "refresh-header");
    else if (part === "timeline") trigger("#timeline", "refresh-timeline");
  }

  /** Messages come, and go when sending is undone; both change who gets the next reply. */
  conversationChanged() {
    this.conversation.refresh().then((added) => this.added(added), (error) => error.status && failed(error));
    this.composer.recipients.refresh();
  }

  contextChanged() {
    trigger("#customer", "refresh-context");
    this.sourcesSoon();
  }

  sourcesSoon() {
    clearTimeout(this.sourcesTimer);
    this.sourcesTimer = setTimeout(() => ["#sources", "#hits"].forEach((each) => trigger(each, "refresh-sources")), TOGETHER);
  }

  triageSoon() {
    clearTimeout(this.triageTimer);
    this.triageTimer = setTimeout(() => {
      trigger("#triage", "refresh-triage");
      trigger("[data-history]", "refresh-history"); // with the mood
    }, TOGETHER);
  }

  summarySoon() {
    clearTimeout(this.summaryTimer);
    this.summaryTimer = setTimeout(() => this.summary?.look(), TOGETHER);
  }

  /** The conversation was fetched again; `messages` are new. */
  added(messages) {
    const from = (kind) => messages.some((message) => message.classList.contains(`message-${kind}`));
    this.summarySoon();
    if (from("other")) announce(gettext("Somebody who is not the customer has written."));
    if (!from("customer")) return;
    announce(gettext("The customer has written."));
    this.triageSoon();
  }

  /** After sending: this member no longer types. */
  stoppedTyping() {
    this.presence?.stoppedTyping();
  }

  toConversation() {
    document.getElementById("conversation").focus({ preventScroll: true });
  }

  focusTitle() {
    document.getElementById("ticket-title")?.focus({ preventScroll: true });
  }
}

function trigger(selector, name) {
  const element = document.querySelector(selector);
  if (element) window.htmx.trigger(element, name);
}

function showOthers(text, typing) {
  const place = document.getElementById("presence");
  if (!place || place.textContent === text) return;
  place.textContent = text;
  place.title = text;
  place.classList.toggle("is-typing", typing);
}
