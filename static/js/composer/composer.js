/* The composer of the open ticket. It keeps apart what the agent wrote and what a draft wrote. */

import { announceState, render, showTab } from "./view.js";
import { Draft } from "../draft/draft.js";
import { decide, settled, stale } from "../draft/drafttext.js";
import * as ed from "./editor.js";
import { Highlights } from "./highlights.js";
import { load, save } from "./kept.js";
import { Panel } from "./panel.js";
import { Recipients } from "./recipients.js";
import { gettext } from "../page/texts.js";
import { announce, toast } from "../page/toast.js";
import * as written from "./written.js";

const SAVE_AFTER = 200;

export class Composer {
  /** `sending`: sending.js. `away()` moves the focus to the conversation, `seen()` is the id of its newest message. */
  constructor(element, { user, sending, excerpt, away, seen, typing, reveal }) {
    Object.assign(this, { element, user, sending, excerpt, away, seen, typing, reveal });
    this.ticket = element.dataset.ticket;
    this.editor = element.querySelector("#editor");
    this.part = Object.fromEntries([...element.querySelectorAll("[id]")].map((each) => [each.id, each]));
    this.panel = new Panel(this.part["composer-panel"]);
    this.highlights = new Highlights(this.editor, () => this.render());
    this.recipients = new Recipients(element, { changed: () => this.save(), show: () => this.show("reply", { focus: false }) });
    this.tab = "reply";
    this.used = new Set();
    this.restUntil = 0;
    this.reset();
    this.note = { text: "", submission: crypto.randomUUID() };
    this.draft = new Draft(element.dataset.draftUrl, () => this.draftChanged());
    ed.prepare(this.editor, () => this.typed());
    this.listen();
    this.restore();
    this.render();
    this.draft.load();
  }

  reset() {
    this.put(written.NOTHING);
    this.sources = []; // the parts that models wrote: [{draft, text}]
    this.touched = false; // has the agent changed the text since it was put here
    this.inserted = null; // id of the draft that the text came from, even if edited since
    this.complete = false; // was that draft finished when the agent began to edit it
    this.revised = null; // {before, step}: what came out when it was revised (revise/revising.js)
    this.submission = crypto.randomUUID();
  }

  get doc() {
    return { text: this.text, marks: this.marks };
  }

  put({ text, marks }) {
    Object.assign(this, { text, marks });
  }

  listen() {
    this.editor.addEventListener("input", () => this.typed());
    this.editor.addEventListener("keydown", (event) => this.keyOnChip(event));
    this.element.addEventListener("click", (event) => {
      const chip = event.target.closest(".cite");
      if (chip) return this.openExcerpt(chip);
      const tab = event.target.closest("[data-tab]");
      if (tab?.getAttribute("role") === "tab") this.show(tab.dataset.tab);
    });
    this.element.querySelector('[role="tablist"]').addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      this.show(this.tab === "reply" ? "note" : "reply", { focus: false });
      this.element.querySelector(`#tab-${this.tab}`).focus();
    });
    this.leaving = () => this.save();
    window.addEventListener("pagehide", this.leaving);
    document.addEventListener("visibilitychange", this.leaving);
  }

  keyOnChip(event) {
    const chip = event.target.closest?.(".cite");
    if (chip && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.openExcerpt(chip, true);
    } else if (chip && (event.key === "Backspace" || event.key === "Delete")) {
      event.preventDefault();
      chip.remove();
      ed.caretToEnd(this.editor);
      this.typed();
    }
  }

  leave() {
    this.save();
    this.draft.leave();
    this.panel.leave();
    this.highlights.leave();
    this.recipients.leave();
    window.removeEventListener("pagehide", this.leaving);
    document.removeEventListener("visibilitychange", this.leaving);
  }

  // --- the agent's text -------------------------------------------------------

  restore() {
    const kept = load(this.user, this.ticket);
    if (kept.note) this.note = { submission: this.note.submission, ...kept.note };
    this.recipients.restore(kept.reply?.recipients, kept.reply?.typed);
    if (!kept.reply?.text) return;
    this.put({ text: kept.reply.text, marks: kept.reply.marks || [] });
    this.sources = kept.reply.sources || [];
    this.revised = kept.reply.revised || null;
    this.inserted = kept.reply.prepared;
    this.touched = this.complete = true;
    this.submission = kept.reply.submission || this.submission;
    ed.write(this.editor, this.doc);
  }

  save() {
    clearTimeout(this.saving);
    const { doc, touched, sources, inserted: prepared, revised } = this.revising?.running?.before ?? this; // until it is revised
    const { own: recipients, pending: typed } = this.recipients;
    const reply = { ...doc, text: touched ? doc.text : "", sources, prepared, revised, submission: this.submission, recipients, typed };
    save(this.user, this.ticket, { reply, note: this.note });
  }

  typed() {
    const doc = ed.read(this.editor);
    if (this.tab === "note") {
      this.note.text = doc.text;
    } else {
      if (!this.touched && this.inserted) this.draft.report("first-key", this.inserted);
      if (!this.touched) this.complete = this.draft.draft?.state !== "writing";
      this.touched = true;
      this.put(doc);
      // Deleted by hand: what is typed next is not from the draft.
      if (!doc.text.trim()) Object.assign(this, { inserted: null, sources: [] });
    }
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), SAVE_AFTER);
    this.panel.release(); // the height kept for a draft must not get in the way of typing
    this.typing();
    this.render();
  }

  /** Put the text of the shown tab into the editor. */
  redraw() {
    const note = this.tab === "note";
    ed.write(this.editor, note ? { text: this.note.text, marks: [] } : this.doc, note ? [] : this.citations);
  }

  show(tab, { focus = true } = {}) {
    if (tab !== this.tab) {
      this.tab = tab;
      showTab(this);
      this.redraw();
      if (tab === "reply") this.draftChanged();
      this.render();
    }
    if (focus) ed.caretToEnd(this.editor);
  }

  // --- the draft -----------------------------------------------------------------

  get citations() {
    return this.draft?.draft?.citations || [];
  }

  /** The draft whose text is in the composer as the server has it, else null. */
  get unedited() {
    const { draft } = this.draft;
    return draft && this.inserted === draft.id && !this.touched && this.text === draft.text ? draft : null;
  }

  get choice() {
    return decide({ ...this, draft: this.draft.draft });
  }

  draftChanged() {
    const { draft } = this.draft;
    if (this.draft.active && !this.touched) this.panel.hold();
    const mine = draft && this.inserted === draft.id && !this.touched;
    if (this.tab === "reply" && this.choice === "show") this.showDraft(draft);
    // The server has withdrawn its text (no source, or one was withdrawn): it goes from here too.
    else if (mine && this.text && !draft.text) this.withdraw(draft);
    // A new draft is being written and the old one was not changed: make room.
    else if (draft && this.inserted && this.inserted !== draft.id && !this.touched && this.draft.active) this.clear();
    announceState(this, draft);
    if (!this.draft.active) this.panel.release();
    this.render();
  }

  withdraw(draft) {
    this.clear();
    if (draft.state === "no_source") toast(gettext("The draft was removed: no source supports it."), { key: "draft" });
    // Of one by rule the line below says why: a toast would hide that of the correction, with its undo.
  }

  docOf(draft, text = draft.text) {
    return written.fromDraft(text, this.citations.map((each) => each.number), draft.id);
  }

  showDraft(draft) {
    const doc = this.docOf(draft, draft.state === "writing" ? settled(draft.text) : draft.text);
    const grows = this.inserted === draft.id && this.text && doc.text.startsWith(this.text);
    const follow = this.panel.atEnd;
    if (doc.text !== this.text) this.panel.unread(!grows);
    if (grows && draft.state === "writing") {
      ed.append(this.editor, written.slice(doc, this.text.length), this.citations);
    } else if (doc.text !== this.text || draft.state !== "writing") this.rewrite(doc);
    this.put(doc);
    this.inserted = draft.id;
    this.sources = [{ draft: draft.id, text: written.plain(doc) }];
    if (follow && draft.state === "writing") this.panel.toEnd();
    if (doc.text && !document.hidden) this.draft.report("shown", draft.id);
  }

  /** The finished text replaces the streamed one; a caret in it goes to the end. */
  rewrite(doc) {
    const had = document.activeElement === this.editor;
    ed.write(this.editor, doc, this.citations);
    if (had) ed.caretToEnd(this.editor);
  }

  clear() {
    Object.assign(this, { ...written.NOTHING, inserted: null, sources: [] });
    if (this.tab === "reply") this.redraw();
  }

  insert() {
    const { draft } = this.draft;
    if (stale(draft)) return this.regenerate();
    const choice = this.choice;
    if (this.tab !== "reply" || draft?.state === "writing" || !["wait", "more"].includes(choice)) return;
    const { doc: before, inserted, sources } = this;
    const doc = this.docOf(draft);
    if (choice === "more") ed.write(this.editor, doc, this.citations);
    else ed.insert(this.editor, doc, this.citations);
    this.put(ed.read(this.editor));
    this.inserted = draft.id;
    this.sources = [...(choice === "more" ? [] : sources), { draft: draft.id, text: written.plain(doc) }];
    this.touched = choice === "wait";
    this.complete = true;
    this.draft.report("shown", draft.id);
    this.save();
    this.render();
    ed.caretToEnd(this.editor);
    this.panel.toEnd();
    toast(choice === "more" ? gettext("Text replaced by the finished draft.") : gettext("Draft inserted."), {
      action: { label: gettext("Undo"), run: () => this.putBack({ doc: before, inserted, sources }) },
    });
  }

  putBack({ doc, inserted, sources }) {
    this.put(doc);
    Object.assign(this, { inserted, sources, touched: true });
    if (this.tab === "reply") this.redraw();
    this.save();
    this.render();
  }

  async regenerate() {
    if (this.draft.draft?.state === "writing") return;
    if (await this.draft.regenerate()) announce(gettext("New draft requested."));
  }

  get canStop() {
    return this.draft.active;
  }

  stop() {
    if (this.canStop) return this.draft.stop();
  }

  get canReject() {
    const { draft } = this.draft;
    return Boolean(draft && (["ready", "stopped"].includes(draft.state) || (draft.state === "failed" && draft.text)) && (!draft.review || draft.review === "pending"));
  }

  async reject(reason) {
    const { draft } = this.draft;
    if (!this.canReject) return;
    // The text of a rejected draft goes, unless the agent has changed it.
    if (this.inserted === draft.id && !this.touched) this.clear();
    this.used.add(draft.id);
    if (await this.draft.reject(reason)) toast(gettext("Draft rejected. Thank you for the feedback."));
    this.render();
  }

  openExcerpt(chip, byKey = false) {
    this.excerpt(chip, `/copilot/drafts/${chip.dataset.draft}/excerpts/${chip.dataset.cite}`, byKey);
  }

  render() {
    render(this);
  }

  get unsent() {
    return Boolean((this.touched && this.text.trim()) || this.uploads.ids("reply").length);
  }
}
