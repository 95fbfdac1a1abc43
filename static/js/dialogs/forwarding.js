/* Forward a message of a ticket, or all of them, to somebody else than the customer; then it can be undone. What was typed
   and not sent is there again when the dialog opens the next time. */

import { AddressField, called } from "../page/address_field.js";
import { getJson, isUnsure, post } from "../page/http.js";
import { bare } from "../page/keyboard.js";
import { folded } from "../page/mail_addresses.js";
import { gettext, listed, ngettext } from "../page/texts.js";
import { announce, failed, toast } from "../page/toast.js";
import { noDialog, once } from "./dialog.js";
import { openFetched } from "./fetched.js";
import * as kept from "./forward_kept.js";

const KINDS = ["to", "cc", "bcc"];
const NAMED = 3; // recipients whose names are told, at most
const PATIENCE = 30000; // milliseconds without an answer, then it can be tried again
const byId = (id) => document.getElementById(id);

let shown = null; // the newest Forwarding

/** `desk`: the open ticket (desk/ticket.js); `focused`: what has the focus or was clicked. Without a message around it, it is
    the customer's latest. */
export function forward(desk, focused) {
  const message = numberOf(focused.closest?.(".message")) ?? latest();
  if (!message) return announce(gettext("This ticket has no message that can be forwarded."));
  return show(desk, desk.number, message);
}

function numberOf(message) {
  return message?.querySelector("[data-do='forward']") ? message.id.split("-").at(-1) : null;
}

function latest() {
  const last = (selector) => numberOf([...document.querySelectorAll(selector)].findLast(numberOf));
  return last("#messages .message-customer") ?? last("#messages .message");
}

/* `undone`: what is kept was not typed before, but comes back from sending. */
async function show(desk, ticket, asked, { undone = false } = {}) {
  if (document.querySelector("dialog[open]")) return;
  const dialog = byId("dialog-forward");
  const before = kept.next(desk.user, ticket);
  const message = before?.unsure || before?.waited ? before.message : asked;
  const url = `/desk/${ticket}/forward`;
  const ready = await openFetched(dialog, {
    title: gettext("Forward"),
    url: `${url}?message=${message}`,
    again: () => show(desk, ticket, asked, { undone }),
    place: () => document.querySelector(`#message-${message} [data-do="forward"]`) ?? byId("conversation"),
    gone: gettext("This message can no longer be forwarded."),
  });
  if (ready) shown = new Forwarding(dialog, { desk, ticket, message, url, before, undone });
}

/** Sending a forward was undone, `back` is what was in the dialog: it opens again, also if another ticket is open by now.
    Until a dialog that is open is closed, it waits. */
export async function forwardUndone(desk, { ticket, forward: back }, openTicket) {
  desk.refresh("conversation", "header", "timeline", "queue");
  toast(gettext("Forwarding undone. What you wrote is kept."), { key: "forwarded" });
  kept.later(desk.user, ticket, {
    message: String(back.message),
    recipients: { to: [], cc: [], bcc: [], ...back.recipients },
    typed: {},
    text: back.text,
    files: back.files.map(String),
    whole: Boolean(back.whole),
    submission: crypto.randomUUID(),
    unsure: false,
    undone: true,
  });
  await noDialog();
  if (desk.number !== String(ticket)) await openTicket(ticket);
  await noDialog();
  if (desk.number === String(ticket)) show(desk, String(ticket), String(back.message), { undone: true });
}

/* One that was undone had to wait until it was known whether another was sent. */
async function showUndone(desk, ticket) {
  if (!kept.undoneWaits(desk.user, ticket)) return;
  await noDialog();
  if (desk.number === ticket) show(desk, ticket, null, { undone: true });
}

class Forwarding {
  constructor(dialog, { desk, ticket, message, url, before, undone }) {
    const form = dialog.querySelector("form");
    Object.assign(this, { dialog, desk, ticket, message, url, form });
    this.fields = Object.fromEntries(KINDS.map((kind) => [kind, this.field(kind)]));
    this.put(before);
    this.part("kept").hidden = !before || undone || before.unsure;
    this.part("afresh").hidden = !before || undone;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("keydown", (event) => this.key(event));
    form.addEventListener("submit", (event) => (event.preventDefault(), this.submit()));
    this.part("afresh").addEventListener("click", () => this.afresh());
    form.querySelector("details").addEventListener("toggle", ({ target }) => target.open && target.scrollIntoView({ block: "nearest" }));
    for (const more of form.querySelectorAll("[data-more]")) {
      more.addEventListener("click", () => (this.reveal(more.dataset.more), this.fields[more.dataset.more].focus()));
    }
    if (before?.unsure) this.unknown(gettext("There was no answer the last time."));
    else this.fields.to.focus();
  }

  part(name) {
    return this.form.querySelector(`[data-part="${name}"]`);
  }

  /* The customer is not offered. */
  field(kind) {
    const customer = folded(this.form.dataset.customer);
    const suggest = async (query) => {
      const { addresses } = await getJson(`/desk/addresses?q=${encodeURIComponent(query)}`);
      return addresses.filter(({ email }) => folded(email) !== customer);
    };
    return new AddressField(byId(`forward-${kind}`), { suggest, changed: () => this.changed() });
  }

  // --- what is in it -------------------------------------------------------------------------------

  /** Show what was kept, or nothing. Files and what is forwarded belong to a message. */
  put(before) {
    const { form, message } = this;
    const known = JSON.parse(form.dataset.known);
    this.submission = before?.submission ?? crypto.randomUUID();
    form.reset();
    for (const kind of KINDS) {
      const [list, typed] = [before?.recipients[kind] ?? [], before?.typed[kind] ?? ""];
      this.fields[kind].set(list, { known, typed });
      if (list.length || typed) this.reveal(kind);
    }
    form.elements.text.value = before?.text ?? "";
    if (before?.message !== message) return;
    for (const box of this.boxes) box.checked = before.files.includes(box.value);
    form.elements.whole.value = before.whole ? "1" : "";
  }

  read() {
    const people = (get) => Object.fromEntries(KINDS.map((kind) => [kind, get(this.fields[kind])]));
    return {
      message: this.message,
      recipients: people((field) => field.value),
      typed: people((field) => field.pending),
      text: this.form.elements.text.value,
      files: this.boxes.filter((box) => box.checked).map((box) => box.value),
      whole: this.form.elements.whole.value === "1",
      submission: this.submission,
      unsure: false,
    };
  }

  get boxes() {
    return [...this.form.querySelectorAll("[name=file]")];
  }

  /* Also a field that is left because the dialog closes says that it has changed. */
  changed() {
    if (shown !== this || this.part("fields").disabled) return;
    this.say("");
    kept.save(this.desk.user, this.ticket, this.read());
  }

  afresh() {
    kept.drop(this.desk.user, this.ticket);
    this.put(null);
    this.part("kept").hidden = this.part("afresh").hidden = true;
    this.lock(false);
    this.say("");
    this.fields.to.focus();
  }

  /* Cc and Bcc are there on request. */
  reveal(kind) {
    const row = this.form.querySelector(`[data-row="${kind}"]`);
    if (!row) return;
    row.hidden = false;
    this.form.querySelector(`[data-more="${kind}"]`).hidden = true;
  }

  /* Enter on a check box would send. */
  key(event) {
    if (event.key === "Enter" && bare(event) && event.target.matches("input")) event.preventDefault();
  }

  // --- sending -------------------------------------------------------------------------------------

  submit() {
    if (this.isUnsure || this.complete()) once(this.dialog, (here) => this.send(here));
  }

  /** Is everything in it an address, and somebody named? The field that is wrong says so. */
  complete() {
    const wrong = KINDS.map((kind) => this.fields[kind]).filter((field) => !field.commit());
    const { to } = this.fields;
    if (!wrong.length && !to.value.length) wrong.push(to), to.refuse(gettext("Type at least one address."));
    wrong[0]?.focus();
    return !wrong.length;
  }

  async send(here) {
    const sent = this.read();
    const again = () => show(this.desk, this.ticket, this.message);
    const { user } = this.desk;
    kept.save(user, this.ticket, { ...sent, unsure: true });
    this.say("");
    this.lock(true, gettext("Forwarding …"));
    let answer;
    try {
      answer = await post(this.url, wire(sent), { signal: AbortSignal.timeout(PATIENCE) });
    } catch (error) {
      kept.save(user, this.ticket, { ...sent, unsure: isUnsure(error) });
      return here() ? this.refused(error) : this.refusedLater(error);
    }
    if (answer.same === false) earlier(this.desk, this.ticket, sent, again);
    else arrived(this.desk, this.ticket, sent, answer);
  }

  refused(error) {
    if (isUnsure(error)) return this.unknown(error.message);
    this.isUnsure = false;
    this.lock(false);
    this.say(error.message);
    this.fields.to.focus();
  }

  /* Until the server has answered, nothing can be changed: what was sent may have arrived. */
  unknown(why) {
    this.isUnsure = true;
    this.lock(true, gettext("Try again"));
    this.part("afresh").hidden = false;
    this.say(gettext("%(why)s It may have been forwarded all the same. Try again: nobody gets it twice.", { why }));
  }

  refusedLater(error) {
    const text = isUnsure(error) ? gettext("It is not known whether the message was forwarded. %(why)s", { why: error.message }) : gettext("Not forwarded. %(why)s", { why: error.message });
    failed(Object.assign(new Error(text), { status: error.status }), () => show(this.desk, this.ticket, this.message));
  }

  /** Another try of this has arrived, not this one. It can be sent as one of its own. */
  notThisOne(submission, why) {
    this.submission = submission;
    this.lock(false);
    kept.save(this.desk.user, this.ticket, this.read());
    this.part("afresh").hidden = false;
    this.say(why);
    this.fields.to.focus();
  }

  lock(on, label = gettext("Forward")) {
    if (!on) this.isUnsure = false;
    this.part("fields").disabled = on;
    this.part("label").textContent = label;
    if (on) this.form.querySelector("[data-submit]").focus(); // what had the focus has it no more
  }

  say(text) {
    const place = this.part("said");
    place.textContent = text;
    place.hidden = !text;
  }
}

function wire({ message, recipients, text, files, whole, submission }) {
  return { message, recipients: JSON.stringify(recipients), text, files: files.join(","), whole: whole ? "1" : "", submission };
}

/* An earlier try, perhaps of another window, has arrived, and it was not the same or was undone since. */
function earlier(desk, ticket, sent, again) {
  const text = gettext("Not forwarded: an earlier version of it had arrived already. What you typed is kept. Look at the conversation, and forward it again if it is still needed.");
  const submission = crypto.randomUUID();
  desk.refresh("conversation", "header", "timeline", "queue");
  if (isShown(sent)) return shown.notThisOne(submission, text);
  const now = kept.load(desk.user, ticket);
  const fresh = { ...sent, submission, unsure: false };
  if (!now || now.submission === sent.submission) kept.save(desk.user, ticket, { ...fresh, ...now, submission, unsure: false });
  else kept.later(desk.user, ticket, fresh);
  toast(text, { kind: "bad", seconds: 10, action: { label: gettext("Open"), run: again } });
}

function isShown({ submission }) {
  return shown?.form.isConnected && shown.submission === submission;
}

/* By then the dialog may be closed, or open again with the same. */
function arrived(desk, ticket, sent, { message, undo_seconds: seconds }) {
  kept.sent(desk.user, ticket, sent);
  if (isShown(sent)) shown.dialog.close();
  desk.refresh("conversation", "header", "timeline", "queue");
  const text = gettext("Forwarded to %(names)s.", { names: named(KINDS.flatMap((kind) => sent.recipients[kind])) });
  const action = seconds > 0 ? { label: gettext("Undo"), seconds, run: () => desk.deliveries.undo(message, ticket) } : null;
  toast(text, { action, key: "forwarded" });
  showUndone(desk, ticket);
}

function named(people) {
  if (people.length <= NAMED) return listed(people.map(called));
  const rest = people.length - NAMED + 1;
  const others = ngettext("%(count)s other", "%(count)s others", rest);
  return listed([...people.slice(0, NAMED - 1).map(called), others]);
}
