/* Snooze a ticket until a time or until the customer replies. Waking it by hand is a change of its status. */

import { getJson, post } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { open } from "./dialog.js";
import { toastWithUndo } from "./undoing.js";

const byId = (id) => document.getElementById(id);

export function snooze(ticket, done) {
  const dialog = byId("dialog-snooze");
  const form = dialog.querySelector("form");
  const until = byId("snooze-until");
  const choices = [...dialog.querySelectorAll("[data-snooze]")];
  form.reset();
  say("");
  for (const choice of choices) forget(choice);
  if (!open(dialog)) return;
  choices[0].focus({ focusVisible: true });
  const url = `/desk/${ticket}/snooze`;
  const closed = new AbortController();
  dialog.addEventListener("close", () => closed.abort(), { once: true });
  const send = async (asked) => {
    if (dialog.dataset.busy) return; // a second key before the answer
    dialog.dataset.busy = "yes";
    try {
      await save(url, asked, dialog, done);
    } catch (error) {
      say(error.message);
      if (asked === until.value) until.focus();
    } finally {
      delete dialog.dataset.busy;
    }
  };
  for (const choice of choices) choice.onclick = () => send(choice.dataset.at ?? choice.dataset.snooze);
  form.onsubmit = (event) => (event.preventDefault(), send(until.value));
  showTimes(url, choices, until, closed.signal);
}

async function save(url, asked, dialog, done) {
  const { until, events } = await post(url, { until: asked });
  dialog.close();
  done();
  const text = until ? gettext("Snoozed until %(time)s.", { time: until }) : gettext("Snoozed until the customer replies.");
  toastWithUndo(text, events, done);
}

function say(error) {
  byId("snooze-error").textContent = error;
  byId("snooze-error").hidden = !error;
}

function forget(choice) {
  delete choice.dataset.at;
  const time = choice.querySelector("[data-time]");
  if (time) time.textContent = "";
}

/* What is chosen is the time that is shown, also if the dialog has been open for a while. Without the times the choices
   work all the same. */
async function showTimes(url, choices, until, signal) {
  let offered;
  try {
    offered = await getJson(url);
  } catch {
    return; // choosing one says what is wrong
  }
  if (signal.aborted) return;
  until.value ||= offered.other;
  for (const choice of choices) {
    const time = offered.times[choice.dataset.snooze];
    if (!time) continue;
    choice.dataset.at = time.at;
    choice.querySelector("[data-time]").textContent = time.words;
  }
}
