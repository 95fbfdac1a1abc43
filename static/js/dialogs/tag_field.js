/* A text field of tags with buttons for existing ones. */

import { suggestions, toggled } from "./tags.js";

/** Starts again with `value`; `place` holds the buttons. */
export function startTags(field, place, value = "") {
  field.value = value;
  mark(field, place);
  field.oninput = () => mark(field, place);
  place.onclick = (event) => {
    const tag = event.target.closest("[data-tag]")?.dataset.tag;
    if (!tag) return;
    field.value = toggled(field.value, tag);
    mark(field, place);
    field.focus();
  };
}

function mark(field, place) {
  const buttons = [...place.querySelectorAll("[data-tag]")];
  const { chosen, offered } = suggestions(field.value, buttons.map((button) => button.dataset.tag));
  for (const button of buttons) {
    button.hidden = !offered.includes(button.dataset.tag);
    button.setAttribute("aria-pressed", String(chosen.includes(button.dataset.tag)));
  }
}
