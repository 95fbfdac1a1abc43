/* The dialog of tags: those of the open ticket, or tags to add to or remove from several. */

import { gettext } from "../page/texts.js";
import { open, whenClosed } from "./dialog.js";
import { startTags } from "./tag_field.js";
import { split } from "./tags.js";

const byId = (id) => document.getElementById(id);

/** Resolves to what was typed, null if it was left. `value`: the tags that the field has at the start. `required`: nothing
    is no answer. */
export function askTags({ title, button, value = [], required = false }) {
  const dialog = byId("dialog-tags");
  const field = byId("tags-field");
  const error = byId("tags-error");
  byId("tags-title").textContent = title;
  byId("tags-label").textContent = button;
  error.hidden = true;
  // With a comma at the end the next tag can be typed at once.
  startTags(field, byId("tags-suggestions"), value.map((tag) => `${tag}, `).join(""));
  return new Promise((resolve) => {
    if (!open(dialog)) return resolve(null);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    let answer = null;
    dialog.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      if (required && !split(field.value).length) {
        Object.assign(error, { textContent: gettext("Type at least one tag."), hidden: false });
        return field.focus();
      }
      answer = field.value;
      dialog.close();
    };
    whenClosed(dialog, () => resolve(answer));
  });
}
