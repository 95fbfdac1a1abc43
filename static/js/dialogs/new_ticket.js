/* A new ticket: an agent writes to a customer first. What was typed stays for the next opening, until a ticket is made. */

import { AddressField } from "../page/address_field.js";
import { refreshAges } from "../page/ages.js";
import { getHtml, getJson, isUnsure, post } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";
import { open, once } from "./dialog.js";

const byId = (id) => document.getElementById(id);
let dialog = null; // of this page

/** Asks for customer, subject and team, and opens the ticket that is made of it in its composer. */
export function newTicket(actions) {
  dialog ??= new NewTicket(byId("dialog-new-ticket"), (number) => show(actions, number));
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
  /** `show(number)` opens a ticket. */
  constructor(element, show) {
    Object.assign(this, { element, show });
    this.form = element.querySelector("form");
    this.others = byId("new-ticket-others");
    this.submission = ""; // of the next try: one that may have arrived is tried again with the same
    this.field = new AddressField(byId("new-ticket-to"), { suggest, changed: () => this.customer(), most: 1 });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      once(element, (here) => this.send(here));
    });
    this.others.addEventListener("click", (event) => opensHere(event) && element.close());
  }

  open() {
    if (!open(this.element)) return;
    this.submission ||= crypto.randomUUID();
    this.wrong({});
    this.customer(); // who may have other tickets by now
    if (this.field.value.length) this.form.elements.subject.focus();
    else this.field.focus();
  }

  async send(here) {
    if (!this.field.commit()) return this.field.focus();
    this.wrong({});
    const { subject, team } = this.form.elements;
    const fields = { to: written(this.field.value), subject: subject.value, team: team.value, submission: this.submission };
    try {
      this.made(await post("/desk/new", fields), here());
    } catch (error) {
      if (!isUnsure(error)) this.submission = crypto.randomUUID();
      if (here()) this.wrong(error.data?.errors ?? { all: error.message });
      else failed(error);
    }
  }

  made({ ticket, same }, here) {
    this.submission = "";
    if (same) this.clear();
    else toast(gettext("An earlier try had arrived: this is its ticket. What you have typed since is still in the dialog."), { seconds: 10 });
    if (!here) return toast(gettext("The ticket is created."), { action: { label: gettext("Open"), run: () => this.show(ticket) } });
    this.element.close();
    this.show(ticket);
  }

  clear() {
    this.form.reset();
    this.field.set([], { typed: "" });
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
