/* The panel of filters made shorter: many choices by a text above them, and fields without a choice on a narrow screen. */

import { composing } from "../page/keyboard.js";
import { gettext } from "../page/texts.js";

const NARROW = "(max-width: 560px)";

/** Pure: does a name contain the text? Accents and capitals make no difference. */
export function contains(name, text) {
  return plain(name).includes(plain(text));
}

const plain = (text) => text.trim().normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Hides the choices that do not contain the text of `find`. Ticked ones stay. */
export function narrow(find) {
  const picks = [...find.closest(".filter-field").querySelectorAll(".filter-choices .pick")];
  for (const pick of picks) pick.hidden = !pick.control.checked && !contains(pick.textContent, find.value);
  const count = picks.filter((pick) => !pick.hidden).length;
  const said = find.value.trim() ? gettext("%(count)s of %(all)s", { count, all: picks.length }) : "";
  find.parentElement.querySelector("[role='status']").textContent = said;
}

/** These texts are no filters: Enter and ↓ lead to the choices that are left. */
export function listenToFind(form) {
  form.addEventListener("input", ({ target }) => target.matches(".filter-find input") && narrow(target));
  form.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (!target.matches(".filter-find input") || !["Enter", "ArrowDown"].includes(key)) return;
    if (composing(event) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    target.closest(".filter-field").querySelector(".filter-choices .pick:not([hidden]) input")?.focus();
  });
}

/** On a narrow screen a field without a choice shows only its name until that is pressed. */
export function fold(form) {
  if (!matchMedia(NARROW).matches) return;
  for (const field of form.querySelectorAll(".filter-field:not(.on)")) {
    const [details, summary] = [document.createElement("details"), document.createElement("summary")];
    const name = field.querySelector("legend, label");
    details.className = "filter-fold";
    summary.textContent = name.textContent;
    name.classList.add("unseen"); // the summary says it, except to a screen reader inside
    field.before(details);
    details.append(summary, field);
  }
}
