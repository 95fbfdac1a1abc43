/* The row above the text: to whom the reply goes. Closed it is one line; opened it has a field for each of To, Cc and
   Bcc. Until the agent changes something the reply goes to everybody of the latest mail. */

import { AddressField } from "../page/address_field.js";
import { getJson } from "../page/http.js";
import { composing } from "../page/keyboard.js";
import { called, parse } from "../page/mail_addresses.js";
import { gettext, ngettext } from "../page/texts.js";
import { announce } from "../page/toast.js";
import { everybody, includes, KINDS, long, only, same, settled, short, spoken, together, unsent } from "./addressed.js";

const MOST = 50; // addresses in a field
const LONGEST = 20; // characters of a first name on the button
/* By what the recipients are as they are. */
const DEFAULT = "default";
const AGENT = "agent";
const UNDO = "undo"; // of a reply that had these; whether they are the default is known when that was fetched again

export class Recipients {
  /** `element`: the composer's; `changed()`: the agent has chosen others; `show()` makes the row visible. */
  constructor(element, { changed, show }) {
    const part = (name) => element.querySelector(`#recipients${name && `-${name}`}`);
    Object.assign(this, { element, changed, show, url: element.dataset.recipientsUrl, turn: 0 });
    this.part = { row: part(""), text: part("text"), hint: part("hint"), offered: part("offered"), all: part("all"), open: part("open"), fields: part("fields") };
    this.field = Object.fromEntries(KINDS.map((kind) => [kind, this.made(part(kind), kind)]));
    this.part.row.addEventListener("keydown", (event) => this.key(event));
    this.part.row.addEventListener("input", () => this.changed());
    this.part.offered.addEventListener("click", ({ target }) => this.add(target.closest("[data-email]")?.dataset.email));
    this.data = JSON.parse(element.dataset.recipients);
    this.restore(null);
  }

  made(element, kind) {
    return new AddressField(element, {
      suggest: (query) => this.suggest(query, kind),
      changed: () => this.choose(settled(this.typed, kind, this.data.customer)),
      most: MOST,
    });
  }

  // --- who ----------------------------------------------------------------------

  get value() {
    return this.now;
  }

  /** The agent sends: those whom the row names now get the reply. */
  press() {
    this.chosen = false;
    return this.now;
  }

  /** Who gets it: those of the press, unless the agent has chosen others since. Whom a new mail has added does not. */
  since(pressed) {
    return this.chosen ? this.now : pressed;
  }

  /** What was chosen, null if it is what the reply has anyway. */
  get own() {
    return this.by === DEFAULT || (this.by === AGENT && same(this.now, this.data.all)) ? null : this.now;
  }

  /** What is in the fields. */
  get typed() {
    return Object.fromEntries(KINDS.map((kind) => [kind, this.field[kind].value]));
  }

  /** Text in the fields that is no address yet, or has not been taken. */
  get pending() {
    return Object.fromEntries(KINDS.map((kind) => [kind, this.field[kind].pending]));
  }

  get alone() {
    return same(this.now, only(this.data.customer));
  }

  put(now, by, fields = {}) {
    Object.assign(this, { now, by });
    const { customer, known } = this.data;
    for (const kind of KINDS) {
      this.field[kind].set(now[kind], { locked: kind === "to" ? [customer.email] : [], known: known && [...known, customer.email], ...fields });
    }
    this.render();
  }

  choose(now, fields) {
    this.chosen = true;
    this.put(now, this.why(now), fields);
    this.changed();
  }

  why(now) {
    return same(now, this.data.all) ? DEFAULT : AGENT;
  }

  /** After a reload: what had been chosen, null for nothing, and the text in the fields. */
  restore(own, typed = {}) {
    const now = own ? settled(own, "to", this.data.customer) : this.data.all;
    this.wider = null;
    this.put(now, this.why(now), { typed: "" });
    for (const kind of KINDS) if (typed[kind]) this.goOn(kind, typed[kind]);
  }

  /* Addresses typed in full are taken, as when a field is left; anything else is shown, to be gone on with. */
  goOn(kind, text) {
    const { found, rest } = parse(text);
    const people = [...this.now[kind], ...found.filter((each) => !includes(this.now[kind], each))];
    const now = settled({ ...this.now, [kind]: people }, kind, this.data.customer);
    if (!rest && now[kind].length <= MOST) return this.put(now, this.why(now));
    this.field[kind].write(text);
    this.part.fields.hidden = false;
    this.render();
  }

  /** Sending was undone: those of the reply. */
  undone(sent) {
    this.wider = null;
    this.put(settled(sent, "to", this.data.customer), UNDO);
  }

  /** A reply has arrived: the next one begins with the default, unless it was changed since. */
  sent({ fields }, answer) {
    const left = unsent(fields.recipients && JSON.parse(fields.recipients), this.own, answer);
    this.wider = null;
    const busy = left || this.part.row.contains(document.activeElement) || KINDS.some((kind) => this.field[kind].pending);
    if (!busy) this.part.fields.hidden = true;
    this.put(left ?? this.data.all, left ? AGENT : DEFAULT);
  }

  /** Is there anybody beside the customer, or was until "Only …" was pressed? */
  get others() {
    return everybody(this.data.all).length > 1 || !this.alone || Boolean(this.wider);
  }

  /** Everybody of the latest mail and whom the agent has added, or only the customer. */
  toggle() {
    const { customer, all } = this.data;
    if (!this.others) return announce(gettext("Only the customer is in this conversation."));
    this.show();
    const back = this.alone;
    const now = back ? together(all, this.wider ?? all) : only(customer);
    this.wider = back ? null : this.own;
    this.choose(now);
    announce(spoken(now));
  }

  add(email) {
    const each = this.data.offered.find((one) => one.email === email);
    if (!each) return;
    this.choose({ ...this.now, cc: [...this.now.cc, each] });
    announce(gettext("%(name)s added.", { name: called(each) }));
    (this.part.offered.querySelector("button") ?? this.field.cc).focus();
  }

  async suggest(query, kind) {
    const url = new URL(this.element.dataset.addressesUrl, location.href);
    url.searchParams.set("q", query);
    const { addresses } = await getJson(url);
    const elsewhere = KINDS.filter((each) => each !== kind).flatMap((each) => this.now[each]);
    return addresses.filter((each) => !includes(elsewhere, each));
  }

  /** Somebody may have written: fetched again. What the agent has chosen stays. */
  async refresh() {
    const turn = ++this.turn;
    try {
      const data = await getJson(this.url);
      if (turn !== this.turn || !this.element.isConnected) return;
      const before = JSON.stringify(this.own);
      this.data = data;
      // What the agent chose stays the agent's, also while it is the same: the next mail must not widen it.
      const by = this.by === UNDO ? this.why(this.now) : this.by;
      const now = by === DEFAULT ? data.all : this.now;
      const others = !same(now, this.now);
      this.put(now, by);
      if (others) announce(spoken(now));
      if (JSON.stringify(this.own) !== before) this.changed(); // it depends on the default
    } catch {
      /* the next message asks again; who gets the reply is on the page and goes with it */
    }
  }

  /** Why the reply cannot be sent yet, "" if it can. What is typed in full is taken. */
  notReady() {
    const wrong = this.wrong;
    if (!wrong) return "";
    this.open();
    wrong.focus();
    return gettext("Not sent: %(why)s", { why: wrong.error.textContent });
  }

  /** The first field with text that is not an address. */
  get wrong() {
    return KINDS.map((kind) => this.field[kind]).filter((field) => !field.commit())[0] ?? null;
  }

  // --- the row ------------------------------------------------------------------

  get isOpen() {
    return !this.part.fields.hidden;
  }

  /** By its button it opens and closes; a key leads to Cc. */
  ask({ type, target }) {
    const hint = target.closest?.("#recipients-hint");
    if (type !== "keydown" && this.isOpen) return this.close();
    this.open();
    (hint ? this.part.offered.querySelector("button") : this.field.cc).focus();
  }

  open() {
    this.show();
    this.part.fields.hidden = false;
    this.render();
  }

  close() {
    const { wrong } = this;
    if (wrong) return wrong.focus(); // closed, nobody would see what is wrong
    const inside = this.part.row.contains(document.activeElement);
    this.part.fields.hidden = true;
    this.render();
    if (inside) this.part.open.focus();
  }

  key(event) {
    if (event.key !== "Escape" || event.defaultPrevented || composing(event) || !this.isOpen) return;
    event.preventDefault(); // page/keyboard.js leaves such an event alone
    this.close();
  }

  render() {
    const { part, now, data } = this;
    const left = data.offered.filter((each) => !includes(everybody(now), each));
    part.row.classList.toggle("is-open", this.isOpen);
    part.row.classList.toggle("is-own", Boolean(this.own));
    part.text.textContent = short(now);
    part.text.title = long(now);
    part.open.setAttribute("aria-expanded", String(this.isOpen));
    part.all.hidden = !this.others;
    part.all.firstElementChild.textContent = part.all.title = this.alone ? gettext("Reply to all") : onlyLabel(data.customer);
    part.hint.hidden = !left.length || this.isOpen;
    if (left.length) this.hint(left);
    part.offered.hidden = !left.length || !this.isOpen;
    this.offer(left);
  }

  /* The same ones stay, with the focus. */
  offer(left) {
    const { offered } = this.part;
    const shown = JSON.stringify(left);
    if (shown === this.offering) return;
    this.offering = shown;
    const focused = offered.contains(document.activeElement) && document.activeElement.dataset.email;
    offered.replaceChildren(...left.map(offer));
    if (focused) [...offered.children].find(({ dataset }) => dataset.email === focused)?.focus();
  }

  hint(left) {
    const name = called(left[0]);
    const text = ngettext("%(name)s also wrote", "%(count)s others also wrote", left.length, { name });
    const [long, short] = this.part.hint.children;
    long.textContent = this.part.hint.title = text;
    short.textContent = left.length > 1 ? `+${left.length}` : gettext("+ %(name)s", { name: first(name) });
    this.part.hint.setAttribute("aria-label", text);
  }

  leave() {
    this.turn++; // no answer is waited for
    for (const kind of KINDS) this.field[kind].leave();
  }
}

/* Of "Berg, Anna" the first word is not the first name, and a long one leaves no room. */
function onlyLabel(customer) {
  const name = called(customer);
  const fits = name !== customer.email && !name.includes(",") && first(name).length <= LONGEST;
  return fits ? gettext("Only %(name)s", { name: first(name) }) : gettext("Only the customer");
}

function first(name) {
  return name.trim().split(/\s+/)[0];
}

function offer(each) {
  const { email } = each;
  const name = called(each);
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "button", title: email, textContent: gettext("+ %(name)s", { name }) });
  made.setAttribute("aria-label", gettext("Add %(name)s to Cc", { name }));
  made.dataset.email = email;
  return made;
}
