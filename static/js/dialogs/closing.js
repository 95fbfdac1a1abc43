/* Close and tag: suggests existing tags, asks once if the customer has no reply, and can be undone. */

import { post } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";
import { open } from "./dialog.js";
import { split, suggestions, toggled } from "./tags.js";

const byId = (id) => document.getElementById(id);

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
    // The server refuses once if the customer has no reply; pressing the same key again closes anyway.
    const asked = !byId("close-unanswered").hidden;
    try {
      const { undo } = await post(`/desk/${ticket}/close`, { tags: tags.value, ...(asked ? {} : { ask: "1" }) });
      dialog.close();
      done();
      const label = split(tags.value).length ? gettext("Ticket closed and tagged.") : gettext("Ticket closed.");
      toast(label, { action: { label: gettext("Undo"), run: () => undoClose(ticket, undo, done) } });
    } catch (error) {
      if (error.data?.unanswered) return warnUnanswered(true);
      byId("close-error").textContent = error.message;
      byId("close-error").hidden = false;
    }
  };
}

function warnUnanswered(on) {
  byId("close-unanswered").hidden = !on;
  byId("close-label").textContent = on ? gettext("Close anyway") : gettext("Close ticket");
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
    toast(gettext("Closing undone. The ticket is as it was before."));
  } catch (error) {
    failed(error);
  }
}
