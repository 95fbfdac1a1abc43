/* Snooze one or several tickets until a time or until the customer replies. Waking it by hand is a change of its status. */

import { getJson, post } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { failed } from "../page/toast.js";
import { once, open, whenClosed } from "./dialog.js";
import { toastWithUndo } from "./undoing.js";

const byId = (id) => document.getElementById(id);

export function snooze(ticket, done) {
  const save = async (asked) => {
    const { until, events } = await post(`/desk/${ticket}/snooze`, { until: asked });
    return () => {
      done();
      const text = until ? gettext("Snoozed until %(time)s.", { time: until }) : gettext("Snoozed until the customer replies.");
      toastWithUndo(text, events, done);
    };
  };
  ask(ticket, gettext("Snooze ticket"), save);
}

/** Resolves to {until} for several tickets, null if none was chosen. `ticket`: one of them. */
export function askUntil(ticket, title) {
  return new Promise((resolve) => {
    const chosen = async (until) => () => resolve({ until });
    if (!ask(ticket, title, chosen, () => resolve(null))) resolve(null);
  });
}

/* `save(asked)` may fail, and the dialog says why; it returns what is to be done once the dialog is closed. */
function ask(ticket, title, save, left = () => {}) {
  const dialog = byId("dialog-snooze");
  const form = dialog.querySelector("form");
  const until = byId("snooze-until");
  const choices = [...dialog.querySelectorAll("[data-snooze]")];
  byId("snooze-title").textContent = title;
  form.reset();
  say("");
  for (const choice of choices) forget(choice);
  if (!open(dialog)) return false;
  choices[0].focus({ focusVisible: true });
  const closed = new AbortController();
  whenClosed(dialog, () => (closed.abort(), left()));
  const chosen = (asked) => once(dialog, (here) => send(dialog, save, asked, here));
  for (const choice of choices) choice.onclick = () => chosen(choice.dataset.at ?? choice.dataset.snooze);
  form.onsubmit = (event) => (event.preventDefault(), chosen(until.value));
  showTimes(`/desk/${ticket}/snooze`, choices, until, closed.signal);
  return true;
}

async function send(dialog, save, asked, here) {
  try {
    const then = await save(asked);
    if (here()) dialog.close();
    then();
  } catch (error) {
    if (!here()) return failed(error);
    say(error.message);
    if (asked === byId("snooze-until").value) byId("snooze-until").focus();
  }
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
