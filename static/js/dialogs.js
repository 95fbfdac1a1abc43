/* Native dialogs: the focus goes in, and back to where it was. Nothing happens by opening one. */

import { getHtml, post } from "./http.js";
import { composing, mainModifier, showMacKeys } from "./keys.js";
import { split, suggestions, toggled } from "./tags.js";
import { failed, toast } from "./toast.js";

function byId(id) {
  return document.getElementById(id);
}

export function open(dialog) {
  if (document.querySelector("dialog[open]")) return false;
  const back = document.activeElement;
  const range = getSelection().rangeCount && back?.isContentEditable ? getSelection().getRangeAt(0).cloneRange() : null;
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener(
    "close",
    () => {
      if (!back?.isConnected || document.querySelector("dialog[open]")) return;
      back.focus({ preventScroll: true });
      // The caret too: a dialog must not cost one's place in the text.
      if (range && back.contains(range.startContainer)) {
        getSelection().removeAllRanges();
        getSelection().addRange(range);
      }
    },
    { once: true },
  );
  return true;
}

/** Once per page: cancel buttons, a click beside the dialog, and keys inside lists of choices. */
export function startDialogs() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
    else if (event.target.matches?.("dialog[open]")) event.target.close();
  });
  document.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const dialog = document.querySelector("dialog[open]");
    if (!dialog) return;
    if (mainModifier(event) && event.key === "Enter") {
      event.preventDefault();
      dialog.querySelector("form")?.requestSubmit();
    }
    const list = dialog.querySelector("[data-choices]");
    if (list) chooseByKey(list, event);
  });
}

function chooseByKey(list, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const buttons = [...list.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    buttons[(at + step + buttons.length) % buttons.length].focus();
    return;
  }
  const chosen = buttons.find((button) => button.dataset.key === event.key);
  if (!chosen) return;
  event.preventDefault();
  chosen.click();
}

/** Choose one of a dialog's [data-…] buttons; resolves to its value, or null. */
export function choose(id, attribute, current = null) {
  const dialog = byId(id);
  return new Promise((resolve) => {
    let value = null;
    const picked = (event) => {
      const button = event.target.closest(`[data-${attribute}]`);
      if (!button) return;
      value = button.dataset[attribute];
      dialog.close();
    };
    for (const button of dialog.querySelectorAll(`[data-${attribute}]`)) {
      button.setAttribute("aria-pressed", String(current !== null && button.dataset[attribute] === current));
    }
    if (!open(dialog)) return resolve(null);
    dialog.querySelector("[data-choices] button").focus();
    dialog.addEventListener("click", picked);
    dialog.addEventListener("close", () => (dialog.removeEventListener("click", picked), resolve(value)), { once: true });
  });
}

/** What was said while the agent wrote; resolves to true if it is to be sent all the same. */
export async function sendAnyway(newer) {
  byId("newer-messages").replaceChildren(
    ...newer.map(({ who, text }) => {
      const said = document.createElement("p");
      const name = document.createElement("b");
      name.textContent = who;
      said.append(name, " ", text);
      return said;
    }),
  );
  return (await choose("dialog-newer", "newer")) === "send";
}

// --- hand over ------------------------------------------------------------------

export async function handOver(ticket, done) {
  const dialog = byId("dialog-hand-over");
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

// --- close and tag ----------------------------------------------------------------

export function closeAndTag(ticket, unsent, done) {
  const dialog = byId("dialog-close");
  const form = dialog.querySelector("form");
  const tags = byId("close-tags");
  tags.value = "";
  byId("close-unsent").hidden = !unsent;
  byId("close-error").hidden = true;
  warnUnanswered(false);
  markTags(tags);
  if (!open(dialog)) return;
  tags.focus();
  tags.oninput = () => markTags(tags);
  byId("tag-suggestions").onclick = (event) => toggleTag(tags, event.target.closest("[data-tag]")?.dataset.tag);
  form.onsubmit = async (event) => {
    event.preventDefault();
    // The desk refuses once if nobody answered; who closes all the same presses the same key again.
    const asked = !byId("close-unanswered").hidden;
    try {
      const { undo } = await post(`/desk/${ticket}/close`, { tags: tags.value, ...(asked ? {} : { ask: "1" }) });
      dialog.close();
      done();
      const label = split(tags.value).length ? "Closed and tagged." : "Closed.";
      toast(label, { action: { label: "Undo", run: () => undoClose(ticket, undo, done) } });
    } catch (error) {
      if (error.data?.unanswered) return warnUnanswered(true);
      byId("close-error").textContent = error.message;
      byId("close-error").hidden = false;
    }
  };
}

function warnUnanswered(on) {
  byId("close-unanswered").hidden = !on;
  byId("close-label").textContent = on ? "Close all the same" : "Close ticket";
}

function toggleTag(field, tag) {
  if (!tag) return;
  field.value = toggled(field.value, tag);
  markTags(field);
  field.focus();
}

function markTags(field) {
  const buttons = [...document.querySelectorAll("#tag-suggestions [data-tag]")];
  const { chosen, offered } = suggestions(field.value, buttons.map((button) => button.dataset.tag));
  for (const button of buttons) {
    button.hidden = !offered.includes(button.dataset.tag);
    button.setAttribute("aria-pressed", String(chosen.includes(button.dataset.tag)));
  }
}

async function undoClose(ticket, undo, done) {
  try {
    await post(`/desk/${ticket}/undo-close`, { undo });
    done();
    toast("Open again, as it was.");
  } catch (error) {
    failed(error);
  }
}
