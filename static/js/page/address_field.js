/* A field for mail addresses: each becomes a chip, and others are offered while somebody types. Its skeleton is
   templates/tickets/_address_field.html. */

import { Suggestions } from "./address_suggestions.js";
import { composing } from "./keyboard.js";
import { called, folded, isAddress, parse } from "./mail_addresses.js";
import { gettext, ngettext } from "./texts.js";
import { announce } from "./toast.js";

export { called };

export class AddressField {
  /** `suggest(query)`: Promise of [{name, email, about}]; `changed()`: somebody has put an address in or taken one out;
      `most`: how many it may have. */
  constructor(element, { suggest, changed = () => {}, most = 50 }) {
    const part = (name) => element.querySelector(`[data-part="${name}"]`);
    Object.assign(this, { element, changed, most, list: [], locked: new Set(), known: null });
    Object.assign(this, { chips: part("chips"), input: part("input"), error: part("error") });
    this.suggestions = new Suggestions(this.input, part("options"), {
      suggest,
      wanted: ({ email }) => !this.has(email),
      choose: (each) => this.choose(each),
    });
    this.listen(part("box"));
  }

  listen(box) {
    this.input.addEventListener("input", (event) => event.isComposing || this.typed());
    this.input.addEventListener("compositionstart", () => this.suggestions.close());
    this.input.addEventListener("compositionend", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("paste", (event) => this.pasted(event));
    this.chips.addEventListener("keydown", (event) => this.keyOnChip(event));
    this.chips.addEventListener("click", ({ target }) => {
      const chip = target.closest("[data-remove]") && target.closest("li");
      if (chip) this.remove(this.place(chip));
    });
    box.addEventListener("click", ({ target }) => (target === box || target === this.chips) && this.input.focus());
    this.element.addEventListener("focusout", ({ relatedTarget }) => this.left(relatedTarget));
  }

  // --- what is in it ------------------------------------------------------------

  get value() {
    return this.list.map(({ name, email }) => ({ name, email }));
  }

  /** Text that is not an address of the field yet. */
  get pending() {
    return this.input.value.trim();
  }

  /** Show these addresses. `locked`: those that cannot be taken out; `known`: others have a mark, null for no marks;
      `typed`: the text behind them. */
  set(list, { locked = [], known = null, typed = this.input.value } = {}) {
    this.list = list.map(({ name, email }) => ({ name: name || "", email }));
    this.locked = new Set(locked.map(folded));
    this.known = known && new Set(known.map(folded));
    if (typed !== this.input.value) this.write(typed);
    this.render();
  }

  /** Take the typed text. False if it is not an address; the field says so. */
  commit() {
    this.suggestions.close();
    const { found, rest } = parse(this.input.value);
    if (rest) return this.refuse(gettext("“%(text)s” is not a mail address.", { text: rest }));
    return this.add(found);
  }

  focus() {
    this.input.focus();
  }

  leave() {
    this.suggestions.close();
  }

  has(email) {
    return this.list.some((each) => folded(each.email) === folded(email));
  }

  /* Those that are in it already are left out without a word. The text behind the chips is `rest` then. */
  add(found, rest = "") {
    const there = new Set(this.list.map(({ email }) => folded(email)));
    const fresh = found.filter(({ email }) => !there.has(folded(email)) && there.add(folded(email)));
    if (this.list.length + fresh.length > this.most) {
      return this.refuse(ngettext("There can be at most %(count)s address here.", "There can be at most %(count)s addresses here.", this.most));
    }
    this.list.push(...fresh);
    this.write(rest);
    if (!fresh.length) return true;
    this.render();
    this.changed();
    // Whoever must not be in this field has left it again by now.
    const stay = fresh.filter(({ email }) => this.has(email));
    if (stay.length) announce(gettext("%(name)s added.", { name: stay.map(called).join(", ") }));
    return true;
  }

  remove(at) {
    const each = this.list[at];
    if (!each || this.locked.has(folded(each.email))) return;
    const inside = this.chips.contains(document.activeElement);
    this.list.splice(at, 1);
    this.render();
    if (inside || !this.element.contains(document.activeElement)) (this.stops[at] ?? this.input).focus();
    announce(gettext("%(name)s removed.", { name: called(each) }));
    this.changed();
  }

  choose({ name, email }) {
    this.add([{ name, email }]);
    this.input.focus();
  }

  // --- typing -------------------------------------------------------------------

  write(text) {
    this.input.value = text;
    this.refuse("");
    this.suggestions.close();
  }

  typed() {
    const text = this.input.value;
    this.refuse("");
    // "Berg, Anna <…>" is one: a comma ends an address, not a name.
    if (/[,;]\s*$/.test(text) && parse(text).found.length) this.commit();
    else this.suggestions.typed(text, isAddress(text.trim()));
  }

  key(event) {
    if (composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, shiftKey } = event;
    const first = this.input.selectionEnd === 0;
    if (this.suggestions.key(event)) event.preventDefault();
    else if (key === "Enter") event.preventDefault(), this.commit();
    else if ((key === "," || key === ";") && this.pending.includes("@") && parse(this.pending).found.length) event.preventDefault(), this.commit();
    else if (key === "Tab" && !shiftKey && this.suggestions.at >= 0) event.preventDefault(), this.suggestions.take(this.suggestions.at);
    else if (key === "Backspace" && first && !this.input.value) this.removeLast();
    else if (key === "ArrowLeft" && first && !shiftKey && this.stops.length) event.preventDefault(), this.stops.at(-1).focus();
  }

  removeLast() {
    const at = this.list.findLastIndex(({ email }) => !this.locked.has(folded(email)));
    if (at >= 0) this.remove(at);
  }

  pasted(event) {
    const { value, selectionStart: start, selectionEnd: end } = this.input;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const whole = value.slice(0, start) + text + value.slice(end);
    const { found, rest } = parse(whole);
    if (!found.length) return;
    event.preventDefault();
    if (!this.add(found, rest)) return this.tooMany(whole);
    if (rest) this.commit(); // says what is wrong with it
  }

  /* What was pasted is not lost: some of it can be deleted. */
  tooMany(text) {
    const why = this.error.textContent;
    this.write(text.replace(/\s*[\r\n]+\s*/g, ", "));
    this.refuse(why);
  }

  /* The focus has left the field, not the window: a text half typed is not wrong because somebody looks something up. */
  left(to) {
    if (this.element.contains(to) || !document.hasFocus()) return;
    if (this.pending) this.commit();
    else this.suggestions.close();
  }

  // --- chips --------------------------------------------------------------------

  /* What ← and → lead to: the button of a chip, or the chip if it has none. */
  get stops() {
    return [...this.chips.children].map((chip) => chip.querySelector("[data-remove]") ?? chip);
  }

  place(chip) {
    return [...this.chips.children].indexOf(chip);
  }

  keyOnChip(event) {
    const at = this.place(event.target.closest("li"));
    if (event.key === "Delete" || event.key === "Backspace") this.remove(at);
    else if (event.key === "ArrowLeft") this.stops[Math.max(0, at - 1)].focus();
    else if (event.key === "ArrowRight") (this.stops[at + 1] ?? this.input).focus();
    else return;
    event.preventDefault();
  }

  /* What is shown already stays, with its focus; so does the focus on one that is shown anew. */
  render() {
    const shown = JSON.stringify([this.list, [...this.locked], this.known && [...this.known]]);
    if (shown === this.shown) return;
    this.shown = shown;
    const focused = this.chips.contains(document.activeElement) && document.activeElement.closest("li").dataset.email;
    this.chips.replaceChildren(...this.list.map((each) => this.chip(each)));
    if (focused) this.stops[this.list.findIndex(({ email }) => email === focused)]?.focus({ preventScroll: true });
  }

  chip(each) {
    const made = document.createElement("li");
    made.className = "address-chip";
    made.dataset.email = each.email;
    made.title = each.email;
    made.tabIndex = -1;
    made.append(words("address-name", called(each)));
    if (this.known && !this.known.has(folded(each.email))) {
      made.append(Object.assign(words("chip chip-warn", gettext("new")), { title: gettext("This address was not on this ticket before") }));
    }
    if (!this.locked.has(folded(each.email))) made.append(remover(each));
    return made;
  }

  /* Always false. An empty text: nothing is wrong any more. */
  refuse(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
    if (text) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    return false;
  }
}

function words(className, text) {
  const made = document.createElement("span");
  Object.assign(made, { className, textContent: text, dir: "auto" });
  return made;
}

function remover({ name, email }) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "address-remove", textContent: "×", tabIndex: -1 });
  made.dataset.remove = "";
  made.setAttribute("aria-label", gettext("Remove %(name)s", { name: name ? `${name}, ${email}` : email }));
  return made;
}
