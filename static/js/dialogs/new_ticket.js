/* A new ticket: an agent writes to a customer first. What was typed stays for the next opening, also after a
   reload, until a ticket is made. */

import { AddressField } from "../page/address_field.js";
import { refreshAges } from "../page/ages.js";
import { getHtml, getJson, isUnsure, post } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";
import { open, once } from "./dialog.js";
import * as kept from "./kept_form.js";

const byId = (id) => document.getElementById(id);
let dialog = null; // of this page

/** Asks for customer, subject and team, and opens the ticket that is made of it in its composer. */
export function newTicket(actions) {
  dialog ??= new NewTicket(byId("dialog-new-ticket"), actions.ticket.user, (number) => show(actions, number));
  dialog.open();
}

async function show(actions, number) {
  const { ticket, router } = actions;
  ticket.refresh("queue");
  await router.open(number, { focus: false });
  if (ticket.number === String(number)) actions.reply();
}

/** Close the open ticket, which was started and has no message. */
export async function discard(actions) {
  const { ticket } = actions;
  ticket.focusTitle(); // the button goes
  await actions.change("close", { tags: "" }, ticket.number, () => gettext("Ticket closed."));
  ticket.refresh("conversation");
}

class NewTicket {
  /** Of the member `user`. `show(number)` opens a ticket. */
  constructor(element, user, show) {
    Object.assign(this, { element, show, name: `copydesk:text:${user}:new` });
    this.form = element.querySelector("form");
    this.others = byId("new-ticket-others");
    this.field = new AddressField(byId("new-ticket-to"), { suggest, changed: () => (this.customer(), this.keep()), most: 1 });
    this.form.addEventListener("input", () => this.keep());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      once(element, (here) => this.send(here));
    });
    this.others.addEventListener("click", (event) => opensHere(event) && element.close());
  }

  open() {
    if (!open(this.element)) return;
    this.put(kept.load(this.name));
    this.wrong({});
    this.customer(); // who may have other tickets by now
    if (this.field.value.length) this.form.elements.subject.focus();
    else this.field.focus();
  }

  // --- what is in it: {to, typed, subject, team, submission} ------------------------------------------

  read() {
    const { subject, team } = this.form.elements;
    return { to: this.field.value, typed: this.field.pending, subject: subject.value, team: team.value, submission: this.submission };
  }

  put(form) {
    const { subject, team } = this.form.elements;
    this.form.reset();
    // One that may have arrived is tried again with the same.
    this.submission = form?.submission ?? crypto.randomUUID();
    this.field.set(form?.to ?? [], { typed: form?.typed ?? "" });
    subject.value = form?.subject ?? "";
    if ([...team.options].some(({ value }) => value === form?.team)) team.value = form.team;
  }

  keep() {
    const { to, typed, subject, team, submission } = this.read();
    if (to.length || typed || subject || team) kept.save(this.name, { to, typed, subject, team, submission });
    else kept.drop(this.name);
  }

  /* What comes next is another try. */
  renew(submission) {
    if (this.submission !== submission) return;
    this.submission = crypto.randomUUID();
    this.keep();
  }

  // --- sending ----------------------------------------------------------------------------------------

  async send(here) {
    if (!this.field.commit()) return this.field.focus();
    this.wrong({});
    this.keep();
    const sent = this.read();
    const { subject, team, submission } = sent;
    try {
      this.made(await post("/desk/new", { to: written(sent.to), subject, team, submission }), sent, here());
    } catch (error) {
      if (!isUnsure(error)) this.renew(submission);
      if (here()) this.wrong(error.data?.errors ?? { all: error.message });
      else failed(error);
    }
  }

  /* What was typed since the request was sent stays, for another ticket. */
  made({ ticket, same }, sent, here) {
    if (same && content(this.read()) === content(sent)) this.clear(sent);
    this.renew(sent.submission);
    if (!same) toast(gettext("An earlier try had arrived: this is its ticket. What you have typed since is still in the dialog."), { seconds: 10 });
    if (!here) return toast(gettext("The ticket is created."), { action: { label: gettext("Open"), run: () => this.show(ticket) } });
    this.element.close();
    this.show(ticket);
  }

  /* What another window has made of it since stays. */
  clear(sent) {
    const now = kept.load(this.name);
    if (now && content(now) !== content(sent)) kept.save(this.name, { ...now, submission: crypto.randomUUID() });
    else kept.drop(this.name);
    this.put(null);
    this.asked = null;
    this.others.replaceChildren();
  }

  /** A sentence at each field that cannot be taken; the focus goes to the first. */
  wrong(errors) {
    const { to = "", submission = "", all = submission } = errors;
    this.field.refuse(to);
    byId("new-ticket-error").textContent = all;
    for (const name of ["subject", "team"]) {
      byId(`new-ticket-${name}-error`).textContent = errors[name] ?? "";
      this.form.elements[name].setAttribute("aria-invalid", String(Boolean(errors[name])));
    }
    if (to) this.field.focus();
    else this.form.querySelector('[aria-invalid="true"]')?.focus();
  }

  /** Show what is going on with this customer already, so that nobody begins a second conversation by accident. */
  async customer() {
    const asked = (this.asked = this.field.value[0]?.email);
    this.others.replaceChildren();
    if (!asked) return;
    try {
      const html = await getHtml(`/desk/new/tickets?email=${encodeURIComponent(asked)}`);
      if (asked !== this.asked) return;
      this.others.innerHTML = html;
      refreshAges(this.others);
    } catch {
      /* a help that is missing keeps nobody from writing */
    }
  }
}

function content({ to, typed, subject, team, submission }) {
  return JSON.stringify([to, typed, subject, team, submission]);
}

async function suggest(query) {
  return (await getJson(`/desk/addresses?q=${encodeURIComponent(query)}`)).addresses;
}

/* As in the head of a mail. */
function written([to]) {
  if (!to) return "";
  return to.name ? `"${to.name.replace(/["\\]/g, "\\$&")}" <${to.email}>` : to.email;
}

/* With a modifier key the browser opens the link elsewhere. */
function opensHere(event) {
  return event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}
