/* The composer of the open ticket: the agent's text, the draft's text, and never a mix-up of both. */

import { render } from "./composerview.js";
import { Draft } from "./draft.js";
import { decide, settled, stale, words } from "./drafttext.js";
import * as ed from "./editor.js";
import { post } from "./http.js";
import { load, save } from "./kept.js";
import { announce, failed, toast } from "./toast.js";

const SAVE_AFTER = 200;

export class Composer {
  constructor(element, { user, undoSeconds, hints, done, excerpt, undo }) {
    Object.assign(this, { element, user, undoSeconds, hints, done, excerpt, undo });
    this.ticket = element.dataset.ticket;
    this.editor = element.querySelector("#editor");
    this.part = Object.fromEntries(
      ["draft-bar", "draft-bar-text", "draft-bar-button", "draft-number", "draft-stop", "draft-again", "draft-reject",
        "figures-state", "figures-numbers", "send"].map((id) => [id, element.querySelector(`#${id}`)]),
    );
    this.tab = "reply";
    this.used = new Set();
    this.sending = false;
    this.reset();
    this.note = { text: "" };
    this.draft = new Draft(element.dataset.draftUrl, () => this.draftChanged());
    ed.prepare(this.editor);
    this.listen();
    this.restore();
    this.render();
    this.draft.load();
  }

  reset() {
    this.text = "";
    this.touched = false; // did the agent change anything since the text was put here
    this.inserted = null; // id of the draft whose text this was, even if edited since
    this.complete = false; // was that draft finished when the agent began to edit
    this.submission = crypto.randomUUID();
  }

  listen() {
    this.editor.addEventListener("beforeinput", (event) => {
      const chip = ed.deletedChip(this.editor, event.inputType);
      if (!chip) return;
      event.preventDefault();
      chip.remove();
      this.typed();
    });
    this.editor.addEventListener("input", () => this.typed());
    this.editor.addEventListener("keydown", (event) => {
      const chip = event.target.closest?.(".cite");
      if (chip && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        this.openExcerpt(chip);
      } else if (chip && (event.key === "Backspace" || event.key === "Delete")) {
        event.preventDefault();
        chip.remove();
        ed.caretToEnd(this.editor);
        this.typed();
      }
    });
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

  leave() {
    this.save();
    this.draft.leave();
    window.removeEventListener("pagehide", this.leaving);
    document.removeEventListener("visibilitychange", this.leaving);
  }

  // --- the agent's text -------------------------------------------------------

  restore() {
    const kept = load(this.user, this.ticket);
    if (kept.note) this.note = kept.note;
    if (!kept.reply) return;
    this.text = kept.reply.text;
    this.touched = true;
    this.inserted = kept.reply.prepared;
    this.complete = true;
    this.submission = kept.reply.submission || this.submission;
    ed.write(this.editor, this.text);
  }

  save() {
    clearTimeout(this.saving);
    const reply = { text: this.touched ? this.text : "", prepared: this.inserted, submission: this.submission };
    save(this.user, this.ticket, { reply, note: this.note });
  }

  typed() {
    const text = ed.read(this.editor);
    if (this.tab === "note") {
      this.note.text = text;
    } else {
      if (!this.touched && this.inserted) this.draft.tell("first-key", this.inserted);
      if (!this.touched) this.complete = this.draft.draft?.state !== "writing";
      this.touched = true;
      this.text = text;
      // Cleared by hand: what is typed next owes nothing to the draft.
      if (!text.trim()) this.inserted = null;
    }
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), SAVE_AFTER);
    this.render();
  }

  show(tab, { focus = true } = {}) {
    if (tab !== this.tab) {
      this.tab = tab;
      this.element.dataset.tab = tab;
      for (const each of this.element.querySelectorAll('[role="tab"]')) {
        const on = each.dataset.tab === tab;
        each.setAttribute("aria-selected", on);
        each.tabIndex = on ? 0 : -1;
      }
      const panel = this.element.querySelector("#composer-panel");
      panel.setAttribute("aria-labelledby", `tab-${tab}`);
      this.editor.setAttribute("aria-label", tab === "note" ? "Internal note" : "Reply");
      ed.write(this.editor, tab === "note" ? this.note.text : this.text, tab === "note" ? [] : this.citations);
      if (tab === "reply") this.draftChanged();
      this.render();
    }
    if (focus) ed.caretToEnd(this.editor);
  }

  // --- the draft -----------------------------------------------------------------

  get citations() {
    return this.draft?.draft?.citations || [];
  }

  get choice() {
    return decide({ ...this, draft: this.draft.draft });
  }

  draftChanged() {
    const { draft } = this.draft;
    if (this.tab === "reply" && this.choice === "show") this.showDraft(draft);
    // A new one is being written over an untouched older one: make room for it.
    else if (draft && this.inserted && this.inserted !== draft.id && !this.touched && this.draft.active) this.clear();
    this.tellState(draft);
    this.render();
  }

  showDraft(draft) {
    const text = draft.state === "writing" ? settled(draft.text) : draft.text;
    const panel = this.editor.parentElement;
    const follow = panel.scrollHeight - panel.scrollTop - panel.clientHeight < 40;
    const streaming = this.inserted === draft.id && draft.state === "writing" && this.text;
    if (streaming && text.startsWith(this.text)) ed.append(this.editor, text.slice(this.text.length), this.citations);
    else if (text !== this.text || draft.state !== "writing") this.rewrite(text);
    this.text = text;
    this.inserted = draft.id;
    if (follow && draft.state === "writing") panel.scrollTop = panel.scrollHeight;
    if (text && !document.hidden) this.draft.tell("shown", draft.id);
  }

  /** The finished text replaces the streamed one; a caret that stands in it stays where it was. */
  rewrite(text) {
    const had = document.activeElement === this.editor;
    ed.write(this.editor, text, this.citations);
    if (had) ed.caretToEnd(this.editor);
  }

  clear() {
    this.text = "";
    this.inserted = null;
    if (this.tab === "reply") ed.write(this.editor, "");
  }

  /** Screen readers hear that it begins and that it is there, not every word of it. */
  tellState(draft) {
    const now = draft ? `${draft.id}:${draft.state}` : "";
    if (now === this.lastTold) return;
    const first = this.lastTold === undefined;
    this.lastTold = now;
    if (draft?.state === "writing") announce("A draft is being written.");
    else if (draft?.state === "ready" && !(first && draft.review !== "pending")) {
      announce(`Draft ready, ${words(draft.text)} words.`);
    } else if (draft?.state === "no_source" && !first) announce("No source answers this.");
  }

  insert() {
    const { draft } = this.draft;
    if (stale(draft)) return this.again();
    const choice = this.choice;
    if (this.tab !== "reply" || draft?.state === "writing" || !["wait", "more"].includes(choice)) return;
    const before = { text: this.text, inserted: this.inserted };
    if (choice === "more") ed.write(this.editor, draft.text, this.citations);
    else ed.insert(this.editor, draft.text, this.citations);
    this.text = ed.read(this.editor);
    this.inserted = draft.id;
    this.touched = choice === "wait";
    this.complete = true;
    this.draft.tell("shown", draft.id);
    this.save();
    this.render();
    ed.caretToEnd(this.editor);
    toast(choice === "more" ? "Replaced by the finished draft." : "Draft inserted.", {
      action: { label: "Undo", run: () => this.putBack(before) },
    });
  }

  putBack({ text, inserted }) {
    Object.assign(this, { text, inserted, touched: true });
    ed.write(this.editor, text, this.citations);
    this.save();
    this.render();
  }

  async again() {
    if (this.draft.draft?.state === "writing") return;
    announce("A new draft is asked for.");
    await this.draft.again();
  }

  get canStop() {
    return this.draft.active;
  }

  stop() {
    if (this.canStop) return this.draft.stop();
  }

  get canReject() {
    const { draft } = this.draft;
    return Boolean(draft && ["ready", "stopped"].includes(draft.state) && (!draft.review || draft.review === "pending"));
  }

  async reject(reason) {
    const { draft } = this.draft;
    if (!this.canReject) return;
    // The text of a rejected draft goes, unless the agent has made it their own.
    if (this.inserted === draft.id && !this.touched) this.clear();
    this.used.add(draft.id);
    if (await this.draft.reject(reason)) toast("Rejected. Thank you, this is counted.");
    this.render();
  }

  openExcerpt(chip) {
    for (const other of this.editor.querySelectorAll('.cite[aria-pressed="true"]')) other.removeAttribute("aria-pressed");
    chip.setAttribute("aria-pressed", "true");
    const id = this.inserted ?? this.draft.draft?.id;
    if (id) this.excerpt(id, chip.dataset.cite);
  }

  render() {
    render(this);
  }

  // --- sending -----------------------------------------------------------------------

  async send() {
    if (this.sending) return;
    if (this.tab === "note") return this.sendNote();
    if (this.draft.draft?.state === "writing" && this.inserted === this.draft.draft.id && !this.touched) {
      return toast("The draft is still being written. Escape stops it.");
    }
    const text = this.text.trim();
    if (!text) return toast("There is nothing to send yet.");
    const sent = { text, prepared: this.inserted, submission: this.submission };
    this.busy(true);
    try {
      const answer = await post(this.element.dataset.replyUrl, { ...sent, prepared: sent.prepared ?? "" });
      if (sent.prepared) this.used.add(sent.prepared);
      this.reset();
      if (this.tab === "reply") ed.write(this.editor, "");
      this.save();
      this.offerUndo(answer, sent);
      this.draft.load();
      this.done("reply");
    } catch (error) {
      this.save();
      failed(error, () => this.send());
    }
    this.busy(false);
  }

  busy(on) {
    this.sending = on;
    this.element.classList.toggle("is-sending", on);
    this.render();
  }

  offerUndo(answer, sent) {
    const seconds = answer.undo_seconds ?? this.undoSeconds;
    const action = seconds > 0 ? { label: "Undo", run: () => this.undo(answer.message, this.ticket, sent) } : null;
    toast(this.hints() ? "Reply sent. Press j for the next ticket." : "Reply sent.", { action, seconds: Math.max(seconds, 3), key: "sent" });
  }

  /** A reply that was taken back is text again; what was typed meanwhile stays below it. */
  takeBack({ text, prepared }) {
    const own = this.touched ? this.text.trim() : "";
    if (prepared) this.used.delete(prepared);
    this.text = own ? `${text}\n\n${own}` : text;
    this.touched = true;
    this.complete = true;
    this.inserted = prepared || null;
    if (this.tab === "reply") ed.write(this.editor, this.text, this.citations);
    this.save();
    this.show("reply");
    this.render();
  }

  async sendNote() {
    const text = this.note.text.trim();
    if (!text) return toast("The note is empty.");
    this.busy(true);
    try {
      await post(this.element.dataset.noteUrl, { text });
      this.note = { text: "" };
      ed.write(this.editor, "");
      this.save();
      this.done("note");
      this.show("reply", { focus: false });
      toast("Note saved.");
    } catch (error) {
      failed(error, () => this.sendNote());
    }
    this.busy(false);
  }

  get unsent() {
    return Boolean(this.touched && this.text.trim());
  }
}
