/* The findings of the check in the composer: words underlined while the agent writes, and at sending a list with a key
   for each mend. Warnings let the second press through, blocks let none. */

import { units } from "../draft/codepoints.js";
import { post } from "../page/http.js";
import { gettext, ngettext } from "../page/texts.js";
import { announce, toast } from "../page/toast.js";
import { Check, moved } from "./check.js";
import * as ed from "./editor.js";
import { joined, parts, slice, toWire } from "./written.js";

const LATE = 2000; // milliseconds to wait for an answer where nothing else waits

export class Findings {
  constructor(composer) {
    const base = `/copilot/tickets/${composer.ticket}`;
    const ask = (address) => ({ text, sent, attachments }) => post(`${base}/${address}`, { text, composition: sent, attachments });
    Object.assign(this, { composer, list: composer.part.findings, seen: new Set(), waits: false, placed: { text: "", marks: [] } });
    this.check = new Check({ ask: ask("presend"), askModel: (doc) => (composer.touched ? ask("doubts")(doc) : { findings: [] }), changed: () => composer.render() });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("[data-finding]");
      if (item) this.mend(Number(item.dataset.finding));
    });
    composer.render();
  }

  /** Called whenever something in the composer may have changed. */
  render() {
    const { composer } = this;
    const { text, marks } = composer.doc;
    const own = composer.tab === "reply" && text.trim() && !composer.element.hasAttribute("data-writing");
    const attachments = composer.uploads.ids("reply").length;
    this.check.look(own ? { key: JSON.stringify([text, marks, attachments]), text, sent: JSON.stringify(toWire(composer.doc, composer.sources)), attachments } : null);
    composer.highlights.find(own ? this.marks(text) : []);
    if (!own) this.hide();
    else if (!this.list.hidden && this.check.now) this.fill();
  }

  get all() {
    const now = this.check.now;
    return now ? [...now.findings, ...now.doubts] : [];
  }

  /** What is underlined. Until there is an answer to the changed text, what was found before, where nothing has changed. */
  marks(text) {
    if (this.check.now) this.placed = { text, marks: this.all.map((each) => ({ ...each, ...this.place(each), reason: each.message })) };
    return this.placed.text === text ? this.placed.marks : moved(this.placed.marks, this.placed.text, text);
  }

  get origins() {
    return this.check.answer?.origins ?? "";
  }

  place({ start, end }) {
    const { text } = this.composer;
    return { start: units(text, start), end: units(text, end) };
  }

  // --- at sending -----------------------------------------------------------------

  /**
   * Call `go`, which sends the reply, unless something stops it. If nothing is known of the text yet, it waits for that,
   * but not for long. `agreed`: the agent has confirmed the reply in a dialog, so that only blocks stop it.
   */
  async unlessStopped(go, agreed) {
    if (this.waits) return;
    const { composer } = this;
    const { text } = composer;
    if (!this.check.now) {
      this.waits = true;
      await this.check.ready();
      this.waits = false;
    }
    // Without an answer it goes: what must not be sent the server refuses. So it does if the agent has typed on since.
    const known = composer.text === text ? (this.check.now?.findings ?? []) : [];
    if (known.some((each) => each.level === "block" || (!agreed && !this.seen.has(id(each))))) return this.show();
    this.hide();
    this.seen.clear();
    go();
  }

  /** The server did not take the reply: say why, as soon as it is known here too. */
  async refused() {
    await this.check.ready(LATE);
    if (blocked(this.check.now?.findings ?? [])) this.show();
  }

  show() {
    this.fill();
    this.list.hidden = false;
    this.list.focus({ preventScroll: true });
    const { findings } = this.check.now;
    const first = findings[0].message;
    if (blocked(findings)) announce(gettext("Not sent. This must not be sent: %(first)s", { first }));
    else announce(ngettext("Not sent yet, %(count)s warning: %(first)s", "Not sent yet, %(count)s warnings. The first: %(first)s", findings.length, { first }));
  }

  hide() {
    if (this.list.contains(document.activeElement)) ed.caretToEnd(this.composer.editor);
    this.list.hidden = true;
  }

  /** What is in the list has been seen. */
  fill() {
    const { all } = this;
    const shown = JSON.stringify(all);
    if (!this.check.now.findings.length) return this.mendedAll();
    for (const each of all) this.seen.add(id(each));
    if (shown === this.shown) return;
    this.shown = shown;
    const inside = this.list.contains(document.activeElement);
    const rows = document.createElement("ol");
    rows.append(...all.map(row));
    this.list.replaceChildren(rows, hint(all));
    if (inside) this.list.focus({ preventScroll: true });
  }

  mendedAll() {
    this.hide();
    announce(gettext("No more warnings."));
  }

  // --- mending --------------------------------------------------------------------

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const number = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : null;
    if (number === null && event.key !== "Escape") return;
    event.preventDefault(); // page/keyboard.js leaves such an event alone
    if (event.key === "Escape") return this.hide();
    this.mend(number);
  }

  async mend(number) {
    const { composer } = this;
    const finding = this.all[number];
    if (!finding) return;
    const { start, end } = this.place(finding);
    if (finding.mend === null) return ed.select(composer.editor, start, end);
    const { doc: before, inserted, sources } = composer;
    const doc = joined([...parts(slice(before, 0, start)), { text: finding.mend }, ...parts(slice(before, end))]);
    ed.write(composer.editor, doc, composer.citations);
    composer.typed();
    toast(gettext("Changed."), { key: "mend", action: { label: gettext("Undo"), run: () => composer.putBack({ doc: before, inserted, sources }) } });
    await this.check.ready(LATE);
  }

  leave() {
    this.check.leave();
    this.composer.highlights.find([]);
  }
}

const id = ({ code, words }) => `${code}:${words}`;
const blocked = (findings) => findings.some((each) => each.level === "block");

function row(finding, at) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const key = document.createElement("kbd");
  const words = document.createElement("span");
  const does = document.createElement("b");
  item.className = `is-${finding.level}`;
  button.type = "button";
  button.dataset.finding = at;
  key.textContent = at + 1;
  words.textContent = finding.message;
  does.textContent = action(finding);
  button.append(key, words, does);
  item.append(button);
  return item;
}

function action({ mend, start, end }) {
  if (mend === null) return gettext("Go there");
  if (!mend) return gettext("Remove");
  const text = mend.trim();
  return start === end ? gettext("Insert “%(text)s”", { text }) : gettext("Change to “%(text)s”", { text });
}

function hint(findings) {
  const made = document.createElement("p");
  made.textContent = blocked(findings)
    ? gettext("This reply must not be sent as it is. Esc goes back to the text.")
    : gettext("The same key again sends it anyway. Esc goes back to the text.");
  return made;
}
