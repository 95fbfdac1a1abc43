/* Has the text of the composer revised: shorter, warmer, … Sentence by sentence the result replaces it as it comes. Escape
   brings back the text before, and so does Undo afterwards. Who types meanwhile stops it and keeps what is there. */

import * as ed from "../composer/editor.js";
import * as written from "../composer/written.js";
import { codePoints } from "../draft/codepoints.js";
import { composing, mainModifier } from "../page/keyboard.js";
import { postLines } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { announce, failed, toast } from "../page/toast.js";
import { chosen } from "./choosing.js";
import { figures, newText, step } from "./revised.js";

const BY_MODEL = ["shorter", "simpler", "translate", "instruct"];

export class Revising {
  constructor(composer) {
    this.composer = composer;
    this.url = composer.element.dataset.reviseUrl;
    this.running = null; // {before, request, step}; what came out is composer.revised, which survives a reload
    // Before the composer reads what was typed.
    composer.editor.addEventListener("input", () => this.typed(), { capture: true });
    composer.editor.addEventListener("keydown", (event) => this.key(event));
    this.selecting = () => this.offer();
    document.addEventListener("selectionchange", this.selecting);
  }

  leave() {
    document.removeEventListener("selectionchange", this.selecting);
    if (this.running) this.end(true);
  }

  /** The button says that only what is selected would be revised; its width stays. */
  offer() {
    const { isCollapsed, anchorNode } = getSelection();
    const part = !isCollapsed && this.composer.editor.contains(anchorNode);
    const button = this.composer.part["draft-revise"];
    if (part === button.hasAttribute("data-selection")) return;
    button.toggleAttribute("data-selection", part);
    button.title = part ? gettext("Revise the selection") : "";
  }

  /** The step that the composer shows: the one that is being done, or the result while nobody has changed it. */
  get shown() {
    const { composer, running } = this;
    if (composer.tab !== "reply") return null;
    if (running) return running.step;
    const { revised, touched, text } = composer;
    return revised && touched && text === revised.step.doc.text ? revised.step : null;
  }

  get figures() {
    return this.shown && figures(this.shown);
  }

  get possible() {
    const { composer } = this;
    const { draft } = composer.draft;
    return composer.tab === "reply" && !this.running && !(draft?.state === "writing" && composer.inserted === draft.id && !composer.touched);
  }

  async choose() {
    if (!this.possible) return;
    const { composer } = this;
    const { text } = composer;
    const selection = ed.selected(composer.editor);
    const fields = await chosen(this.url, { empty: !text.trim(), selection });
    // Another ticket may be open by now, or a new draft have come.
    if (fields && composer.element.isConnected && this.possible && composer.text === text) this.start(fields, selection);
  }

  async start(fields, selection) {
    const { composer } = this;
    const request = new AbortController();
    const running = { before: this.kept(), request, step: { done: false, doc: composer.doc, number: 0, of: 0 }, byModel: BY_MODEL.includes(fields.action) };
    this.running = running;
    composer.revised = null;
    if (!composer.touched && composer.inserted) composer.draft.report("first-key", composer.inserted);
    Object.assign(composer, { touched: true, complete: true });
    composer.panel.hold();
    announce(gettext("The text is being revised. Esc stops it."));
    composer.render();
    try {
      await postLines(this.url, { ...this.sent(selection), ...fields }, (line) => this.take(running, line), request.signal);
      if (this.running === running) throw new Error();
    } catch (error) {
      if (this.running !== running) return;
      this.end(true);
      if (error.message) failed(error);
      else toast(gettext("This ended too early. The text is as it was."), { kind: "bad" });
    }
  }

  sent(selection) {
    const { text, marks } = this.composer;
    const at = (unit) => codePoints(text.slice(0, unit));
    const places = selection ? { start: at(selection[0]), end: at(selection[1]) } : {};
    return { text, composition: JSON.stringify({ marks: marks.map(([unit, ...rest]) => [at(unit), ...rest]) }), ...places };
  }

  /** The way back of the revision before is kept, and not the whole chain of them. */
  kept() {
    const { doc, inserted, sources, touched, complete, revised } = this.composer;
    const last = revised && { ...revised, before: { ...revised.before, revised: null } };
    return { doc, inserted, sources, touched, complete, revised: last };
  }

  take(running, line) {
    if (this.running !== running) return;
    if (this.composer.text !== running.step.doc.text) return this.typed(); // a citation was deleted
    if (line.error) {
      this.end(true);
      return toast(line.error, { kind: "bad", key: "revised" });
    }
    running.step = step(line);
    this.put(running.step.doc);
    if (line.done) this.finish(running);
    else this.mark(running.step.now);
    this.composer.render();
  }

  /** Replace the text; a caret in it stays where it was, as far as that still is. */
  put(doc) {
    const { composer } = this;
    if (composer.text === doc.text) return;
    composer.put(doc);
    if (composer.tab !== "reply") return;
    const at = document.activeElement === composer.editor ? ed.caret(composer.editor) : null;
    const { scrollTop } = composer.panel.element;
    composer.redraw();
    if (at !== null) ed.caretAt(composer.editor, Math.min(at, doc.text.length));
    composer.panel.element.scrollTop = scrollTop;
  }

  mark(place) {
    ed.paint(this.composer.editor, "revising", place && this.composer.tab === "reply" ? [place] : []);
  }

  finish({ before, step: last, byModel }) {
    const { composer } = this;
    const changed = last.doc.text !== before.doc.text;
    this.end(!changed);
    if (!changed) return toast(last.note, { key: "revised" });
    composer.revised = { before, step: last };
    const draft = composer.inserted ?? composer.draft.draft?.id;
    const text = byModel ? newText(before.doc, last.doc) : "";
    if (text && draft) composer.sources = [...composer.sources, { draft, text }];
    composer.save();
    toast([gettext("Text revised."), last.note].filter(Boolean).join(" "), { action: { label: gettext("Undo"), run: () => this.undo(before) }, key: "revised" });
  }

  /** No longer running. `back`: the text before is there again. */
  end(back) {
    const { before, request } = this.running;
    this.running = null;
    request.abort();
    this.mark(null);
    this.composer.panel.release();
    if (back) this.restore(before);
  }

  restore({ doc, ...rest }) {
    const { composer } = this;
    this.put(doc);
    Object.assign(composer, rest);
    composer.save();
    composer.render();
  }

  stop() {
    this.end(true);
    announce(gettext("Stopped. The text is as it was."));
  }

  undo(before) {
    const { draft, loaded } = this.composer.draft;
    // Since then another draft may have come: the text is no longer what is prepared.
    this.restore({ ...before, touched: before.touched || (loaded && before.inserted !== draft?.id) });
    announce(gettext("The text is as it was."));
  }

  typed() {
    if (!this.running || this.composer.tab !== "reply") return;
    const { before } = this.running;
    this.end(false);
    toast(gettext("Stopped, because you typed. What you typed is kept."), { action: { label: gettext("Text before"), run: () => this.undo(before) }, key: "revised" });
  }

  /** The browser's own undo knows nothing of a replaced text. */
  key(event) {
    if (composing(event) || !mainModifier(event) || event.key.toLowerCase() !== "z" || !this.composer.revised || !this.shown) return;
    event.preventDefault();
    this.undo(this.composer.revised.before);
  }
}
