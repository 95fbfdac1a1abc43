/* Transfer a ticket to a team: a form with a preview of what the team will see, and the undo. */

import { getHtml, post } from "../page/http.js";
import { showMacKeys } from "../page/keyboard.js";
import { gettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";
import { open } from "./dialog.js";

export async function transfer(ticket, done) {
  const dialog = document.getElementById("dialog-transfer");
  const url = `/desk/${ticket}/transfer`;
  try {
    dialog.innerHTML = await getHtml(url);
  } catch (error) {
    return failed(error, () => transfer(ticket, done));
  }
  if (!open(dialog)) return;
  prepareForm(dialog, url, ticket, done);
}

function prepareForm(dialog, url, ticket, done) {
  showMacKeys(dialog);
  const form = dialog.querySelector("form");
  const preview = dialog.querySelector("[data-note-preview]");
  const note = form.elements.note;
  const show = () => {
    if (note.value.trim()) preview.textContent = note.value;
  };
  note.addEventListener("input", show);
  show();
  (form.querySelector("[aria-invalid]") || form.elements.team).focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const { team, undo } = await post(url, new FormData(form));
      dialog.close();
      done();
      const action = { label: gettext("Undo"), run: () => undoTransfer(ticket, undo, done) };
      toast(gettext("Transferred to %(team)s.", { team }), { action });
    } catch (error) {
      // A colleague was faster: with the new `seen`, pressing again transfers the ticket anyway.
      if (error.data?.seen !== undefined) form.elements.seen.value = error.data.seen;
      if (error.status !== 422) return failed(error);
      showMissing(form);
    }
  });
}

function showMissing(form) {
  form.querySelectorAll(".error").forEach((each) => each.remove());
  const texts = { team: gettext("Choose a team."), note: gettext("Write a short note for the team, so that nobody has to ask again.") };
  let first = null;
  for (const [name, text] of Object.entries(texts)) {
    const field = form.elements[name];
    field.toggleAttribute("aria-invalid", false);
    if (field.value.trim()) continue;
    field.setAttribute("aria-invalid", "true");
    const error = document.createElement("p");
    error.className = "error";
    error.setAttribute("role", "alert");
    error.textContent = text;
    field.after(error);
    first ??= field;
  }
  first?.focus();
}

async function undoTransfer(ticket, undo, done) {
  try {
    await post(`/desk/${ticket}/undo-transfer`, { undo });
    done();
    toast(gettext("Transfer undone. The ticket is as it was before. Your note stays."));
  } catch (error) {
    failed(error);
  }
}
