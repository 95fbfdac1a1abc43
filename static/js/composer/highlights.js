/* CSS highlights in the text of the composer: what a model wrote, the sentences of an unedited draft that its sources do
   not support, and what the check before sending finds, with the reason of the one at the caret. */

import { doubtful, reasonAt } from "../draft/support.js";
import { caret, paint } from "./editor.js";

export class Highlights {
  /** `changed`: another reason is to be shown. */
  constructor(editor, changed) {
    Object.assign(this, { editor, doubts: [], findings: [], reason: "" });
    this.moved = () => (this.doubts.length || this.findings.length) && this.look() && changed();
    document.addEventListener("selectionchange", this.moved);
  }

  /** `draft`: the one that the editor shows as it is, or null. */
  doubt(draft) {
    this.doubts = doubtful(draft);
    paint(this.editor, "weak-sentence", this.doubts.map(({ start, end }) => [start, end]));
    this.look();
  }

  /** `findings`: [{start, end, level, reason}], of the check before sending (findings.js). */
  find(findings) {
    this.findings = findings;
    for (const level of ["block", "warning", "doubt"]) {
      const places = findings.filter((each) => each.level === level && each.end > each.start);
      paint(this.editor, `finding-${level}`, places.map(({ start, end }) => [start, end]));
    }
    this.look();
  }

  /** Tint what a model wrote. */
  tint(passages) {
    paint(this.editor, "from-model", passages);
  }

  /** Is the reason another one now? */
  look() {
    const before = this.reason;
    const all = [...this.findings, ...this.doubts];
    this.reason = all.length ? reasonAt(all, caret(this.editor)) : "";
    return this.reason !== before;
  }

  leave() {
    document.removeEventListener("selectionchange", this.moved);
    this.doubt(null);
    this.find([]);
    this.tint([]);
  }
}
