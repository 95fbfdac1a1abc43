/* Escalate a ticket: a preview of what the team will be told, which the agent can change; then it is sent, and can be
   undone. While the agent reads, the model sums up the messages; what the agent has changed stays. */

import { getHtml, post, postLines } from "../page/http.js";
import { showMacKeys } from "../page/keyboard.js";
import { gettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";
import { open, whenClosed } from "./dialog.js";

// What was changed and not sent, by ticket, with the customer's latest message then: a dialog that was closed by mistake
// loses nothing.
const unsent = new Map();

/** `here()`: is the ticket still the open one? `done()`: it was escalated, or that was undone. */
export async function escalate(ticket, { here, done }) {
  const dialog = document.getElementById("dialog-escalate");
  const url = `/copilot/tickets/${ticket}/escalate`;
  const leaving = new AbortController();
  // Open at once: a key that is pressed before the preview is there must not send the reply.
  if (!open(dialog, document.getElementById("escalate-loading").content.cloneNode(true))) return;
  whenClosed(dialog, () => (leaving.abort(), dialog.replaceChildren()));
  try {
    const html = await getHtml(url, leaving.signal);
    if (leaving.signal.aborted) return;
    dialog.innerHTML = html;
  } catch (error) {
    if (leaving.signal.aborted) return;
    dialog.close();
    return failed(error, () => escalate(ticket, { here, done }));
  }
  if (!here()) return dialog.close();
  showMacKeys(dialog);
  new Escalating(dialog, ticket, url, done);
}

class Escalating {
  constructor(dialog, ticket, url, done) {
    Object.assign(this, { dialog, ticket, url, done, stopped: new AbortController(), changed: new Set() });
    this.form = dialog.querySelector("form");
    this.restore();
    this.form.addEventListener("input", ({ target }) => this.take(target));
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.send()));
    whenClosed(dialog, () => this.stopped.abort());
    this.showLoop();
    const { team, next } = this.form.elements;
    (team.value ? next : team).focus({ focusVisible: true });
    if (this.form.dataset.summary) this.summarise();
  }

  restore() {
    const kept = unsent.get(this.ticket);
    if (!kept) return;
    for (const [name, value] of kept.fields) {
      const field = this.form.elements[name];
      field.value = value;
      if (field.value !== value) field.value = ""; // a team that is gone
      this.mark(name);
    }
    if (kept.upto === this.form.elements.upto.value) return;
    this.form.querySelector("[data-older]").textContent = gettext("The customer has written since you changed this. Check what you wrote.");
  }

  take({ name, value }) {
    const fields = unsent.get(this.ticket)?.fields ?? new Map();
    unsent.set(this.ticket, { upto: this.form.elements.upto.value, fields: fields.set(name, value) });
    this.mark(name);
    this.wrong(name, "");
    if (name === "team") this.showLoop();
  }

  /** From now on the field is the agent's. */
  mark(name) {
    this.changed.add(name);
    this.origin(name, "", "");
  }

  origin(name, code, text) {
    const place = this.part(name).querySelector("[data-origin]");
    if (!place) return;
    place.textContent = text;
    place.classList.toggle("is-ai", code === "model");
    this.form.elements[`origin_${name}`].value = code;
  }

  part(name) {
    return this.form.querySelector(`[data-field="${name}"]`);
  }

  showLoop() {
    const { team, again } = this.form.elements;
    const text = team.selectedOptions[0]?.dataset.loop ?? "";
    this.loop(text);
    again.value = "";
  }

  loop(text) {
    const place = this.form.querySelector("[data-loop-text]");
    place.textContent = text;
  }

  // --- the summary ---------------------------------------------------------------------------------

  async summarise() {
    const told = new Map();
    this.state(gettext("Quoted from the messages. The copilot is reading the messages …"));
    try {
      await postLines(this.form.dataset.summary, { urgent: 1 }, (line) => (line.done ? this.ended(line, told) : this.add(line, told)), this.stopped.signal);
    } catch (error) {
      if (!this.stopped.signal.aborted) this.state(gettext("Quoted from the messages. %(why)s", { why: error.message }));
    }
  }

  add({ about, text, written }, told) {
    const before = told.get(about) ?? { texts: [], written: false };
    told.set(about, { texts: [...before.texts, text], written: before.written || written });
    if (this.changed.has(about)) return;
    const { texts, written: byModel } = told.get(about);
    this.form.elements[about].value = texts.join("\n");
    if (byModel) this.origin(about, "model", gettext("written by AI from the messages"));
    else this.origin(about, "quotes", gettext("quoted from the messages"));
  }

  ended({ why }, told) {
    const written = [...told.values()].some((each) => each.written);
    if (why) this.state(gettext("Quoted from the messages. %(why)s", { why }));
    else this.state(written ? gettext("Written by AI where the messages support it, otherwise quoted.") : gettext("Quoted from the messages."));
  }

  state(text) {
    this.form.querySelector("[data-summary-state]").textContent = text;
  }

  // --- sending -------------------------------------------------------------------------------------

  async send() {
    const button = this.form.querySelector("[data-submit]");
    if (button.disabled) return; // two presses send once
    button.disabled = true;
    try {
      const { team, undo } = await post(this.url, new FormData(this.form));
      unsent.delete(this.ticket);
      if (this.there) this.dialog.close();
      this.done();
      const action = { label: gettext("Undo"), run: () => takeBack(this.ticket, undo, this.done) };
      toast(gettext("Escalated to %(team)s.", { team }), { action });
    } catch (error) {
      if (this.there) this.refused(error);
      else failed(new Error(gettext("The ticket is not escalated. %(why)s", { why: error.message })));
    } finally {
      button.disabled = false;
    }
  }

  /** Is it still this preview that is open? The answer may come after another one was opened. */
  get there() {
    return this.form.isConnected && !this.stopped.signal.aborted;
  }

  refused(error) {
    const { data } = error;
    for (const name of ["seen", "upto"]) if (data?.[name] !== undefined) this.form.elements[name].value = data[name];
    if (data?.again) {
      this.form.elements.again.value = "on";
      return this.loop(data.error);
    }
    const errors = Object.entries(data?.errors ?? {});
    if (!errors.length) return failed(error);
    for (const [name, text] of errors) this.wrong(name, text);
    this.form.elements[errors[0][0]].focus();
  }

  /** Say beside the field what is wrong; "" for nothing. */
  wrong(name, text) {
    const part = this.part(name);
    if (!part) return;
    const field = this.form.elements[name];
    part.querySelector(".error")?.remove();
    field.toggleAttribute("aria-invalid", false);
    field.removeAttribute("aria-errormessage");
    if (!text) return;
    field.setAttribute("aria-invalid", "true");
    const error = document.createElement("p");
    Object.assign(error, { className: "error", id: `error-${name}`, textContent: text });
    error.setAttribute("role", "alert");
    field.setAttribute("aria-errormessage", error.id);
    field.after(error);
  }
}

async function takeBack(ticket, undo, done) {
  try {
    await post(`/desk/${ticket}/undo-transfer`, { undo });
    toast(gettext("The escalation is undone. The ticket is as it was before."));
  } catch (error) {
    failed(error);
  }
  done();
}

/** Say whether an escalation was right; pressing the same again withdraws that. */
export async function judge(button, done) {
  const { address, judge: judgement } = button.dataset;
  await save(address, button.getAttribute("aria-pressed") === "true" ? "" : judgement, done);
}

async function save(address, judgement, done) {
  try {
    const { was, label } = await post(address, { judgement });
    const action = was === judgement ? null : { label: gettext("Undo"), run: () => save(address, was, done) };
    const text = label ? gettext("Escalation: %(name)s", { name: label }) : gettext("The judgement is withdrawn.");
    toast(text, { key: "judgement", action });
  } catch (error) {
    failed(error, error.status === 422 ? null : () => save(address, judgement, done));
  }
  done();
}
