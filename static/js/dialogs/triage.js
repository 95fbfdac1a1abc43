/* Correct the triage of a ticket: its category with one key, how the customer sounds, and signals that are none. All is
   saved at once. */

import { getHtml, post } from "../page/http.js";
import { bare, composing, showMacKeys, typing } from "../page/keyboard.js";
import { gettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";
import { open, whenClosed } from "./dialog.js";

const TOGETHER = 300; // milliseconds: arrow keys in a select pass other values on their way

/** `here()`: is the ticket still the open one? `done()`: something was saved. */
export async function correctTriage(ticket, { here, done }) {
  const dialog = document.getElementById("dialog-triage");
  const url = `/copilot/tickets/${ticket}/triage/correct`;
  const early = digits();
  let html;
  try {
    html = await getHtml(url);
  } catch (error) {
    return failed(error, error.status === 422 ? null : () => correctTriage(ticket, { here, done }));
  } finally {
    early.stop();
  }
  if (dialog.open || !here()) return;
  dialog.innerHTML = html;
  if (!open(dialog)) return;
  showMacKeys(dialog);
  listen(dialog, url, done);
  const [first] = dialog.querySelectorAll("[data-category]");
  (dialog.querySelector("[aria-pressed='true']") ?? first).focus({ focusVisible: true });
  if (early.key) dialog.querySelector(`[data-key="${early.key}"]`)?.click();
}

/* A digit that comes before the list does counts too. */
function digits() {
  const found = { key: "", stop: () => document.removeEventListener("keydown", heard, true) };
  function heard(event) {
    const counts = !composing(event) && bare(event) && !typing(event.target) && !document.querySelector("dialog[open]");
    if (counts && /^[1-9]$/.test(event.key)) found.key = event.key;
  }
  document.addEventListener("keydown", heard, true);
  return found;
}

function listen(dialog, url, done) {
  const tone = new Tone(url, done);
  dialog.querySelector("[data-choices]").addEventListener("click", (event) => {
    const button = event.target.closest("[data-category], [data-dismiss], [data-bring-back]");
    if (!button) return;
    dialog.close();
    const { category, dismiss, bringBack } = button.dataset;
    if (category) choose(url, category, done);
    else judge(url, dismiss ? { dismiss } : { bring_back: bringBack }, done);
  });
  for (const select of dialog.querySelectorAll("select")) select.addEventListener("change", () => tone.soon(select));
  whenClosed(dialog, () => tone.save());
}

async function choose(url, category, done) {
  try {
    const saved = await post(url, { category });
    done();
    if (!saved.changed) return toast(gettext("Category confirmed: %(name)s", { name: saved.category }));
    const action = saved.was && { label: gettext("Undo"), run: () => undo(url, { category: saved.was, was: category, forget: saved.decided ? "" : "on" }, done) };
    toast(gettext("Category: %(name)s", { name: saved.category }), { action });
  } catch (error) {
    failed(error, error.status === 422 ? null : () => choose(url, category, done));
  }
}

/* `was`: what the ticket must still have; a colleague's later choice stays. `forget`: nobody had decided before. */
async function undo(url, fields, done) {
  try {
    const saved = await post(url, fields);
    toast(gettext("Undone. Category: %(name)s", { name: saved.category }));
  } catch (error) {
    failed(error, error.status === 409 ? null : () => undo(url, fields, done));
  }
  done();
}

/* A signal that rules found is none, or is one after all. Each undoes the other. */
async function judge(url, fields, done) {
  try {
    const saved = await post(url, fields);
    const { dismiss, bring_back: back } = fields;
    const other = dismiss ? { bring_back: dismiss } : { dismiss: back };
    const action = { label: gettext("Undo"), run: () => judge(url, other, done) };
    const text = dismiss ? gettext("Not so: %(name)s", { name: saved.dismiss }) : gettext("Brought back: %(name)s", { name: saved.bring_back });
    toast(text, { key: "signal", action });
  } catch (error) {
    failed(error, error.status === 422 ? null : () => judge(url, fields, done));
  }
  done();
}

/* Sentiment and urgency: saved one request after the other, so that the last choice is the one that stays. */
class Tone {
  constructor(url, done) {
    Object.assign(this, { url, done, waiting: {}, saving: Promise.resolve() });
  }

  soon(select) {
    this.waiting[select.name] = select.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), TOGETHER);
  }

  save() {
    clearTimeout(this.timer);
    const fields = this.waiting;
    this.waiting = {};
    if (Object.keys(fields).length) this.saving = this.saving.then(() => this.send(fields));
  }

  async send(fields) {
    try {
      const { sentiment, urgency } = await post(this.url, fields);
      const texts = [];
      if (sentiment) texts.push(gettext("Sentiment: %(name)s", { name: sentiment }));
      if (urgency) texts.push(gettext("Urgency: %(name)s", { name: urgency }));
      toast(texts.join(" · "), { key: "tone" });
      this.done();
    } catch (error) {
      failed(error, () => {
        this.waiting = { ...fields, ...this.waiting };
        this.save();
      });
    }
  }
}
