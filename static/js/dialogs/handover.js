/* Hand a ticket to a team: a preview, the line for the team, and the way back. */

import { getHtml, post } from "../page/http.js";
import { showMacKeys } from "../page/keyboard.js";
import { failed, toast } from "../page/toast.js";
import { open } from "./dialog.js";

export async function handOver(ticket, done) {
  const dialog = document.getElementById("dialog-hand-over");
  const url = `/desk/${ticket}/hand-over`;
  try {
    dialog.innerHTML = await getHtml(url);
  } catch (error) {
    return failed(error, () => handOver(ticket, done));
  }
  if (!open(dialog)) return;
  prepareHandOver(dialog, url, ticket, done);
}

function prepareHandOver(dialog, url, ticket, done) {
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
      toast(`Handed to ${team}.`, { action: { label: "Take back", run: () => takeBack(ticket, undo, done) } });
    } catch (error) {
      // Somebody was faster: pressed again, it is handed over all the same.
      if (error.data?.seen !== undefined) form.elements.seen.value = error.data.seen;
      if (error.status !== 422) return failed(error);
      const fields = { team: form.elements.team.value, note: note.value };
      sayWhatIsMissing(form, fields);
    }
  });
}

function sayWhatIsMissing(form, fields) {
  form.querySelectorAll(".error").forEach((each) => each.remove());
  const words = { team: "Choose the team that should take it.", note: "Write the team a line, so that nobody has to ask again." };
  let first = null;
  for (const name of ["team", "note"]) {
    const field = form.elements[name];
    const missing = !fields[name].trim();
    field.toggleAttribute("aria-invalid", false);
    if (!missing) continue;
    field.setAttribute("aria-invalid", "true");
    const error = document.createElement("p");
    error.className = "error";
    error.setAttribute("role", "alert");
    error.textContent = words[name];
    field.after(error);
    first ??= field;
  }
  first?.focus();
}

async function takeBack(ticket, undo, done) {
  try {
    await post(`/desk/${ticket}/take-back`, { undo });
    done();
    toast("Taken back; the ticket is as it was. Your note stays.");
  } catch (error) {
    failed(error);
  }
}
