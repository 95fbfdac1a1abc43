/* The dialogs in which an agent says what is to be done with the text of the composer. */

import { choose, open, whenClosed } from "../dialogs/dialog.js";
import { getJson } from "../page/http.js";
import { gettext } from "../page/texts.js";

const byId = (id) => document.getElementById(id);
const NEED_A_MODEL = ["shorter", "simpler", "theirs", "mine", "instruct"];

/** What was chosen, as fields for the server; null for nothing. `selection`: only a part of the text. */
export async function chosen(url, { empty, selection }) {
  byId("revise-title").textContent = selection ? gettext("Revise the selection") : gettext("Revise the reply");
  allow({ empty, selection });
  let languages = [];
  // It opens at once; what cannot be done now is known a moment later.
  getJson(url).then(
    (can) => (({ languages } = can), label(languages), allow({ empty, selection, can })),
    () => {},
  );
  const action = await choose("dialog-revise", "revise");
  if (action === "instruct") return instruction();
  // Chosen before the languages are known, the server takes the customer's.
  if (action === "theirs") return { action: "translate", language: languages[0] ?? "" };
  if (action === "mine") return { action: "translate", language: languages[1] ?? document.documentElement.lang };
  return action && { action };
}

function allow({ empty, selection, can = null }) {
  const down = can && !can.model;
  for (const button of document.querySelectorAll("[data-revise]")) {
    const { revise } = button.dataset;
    const whole = ["warmer", "ask"].includes(revise);
    const same = revise === "mine" && can && can.languages.length < 2;
    button.disabled = Boolean((empty && revise !== "ask") || (selection && whole) || same || (down && NEED_A_MODEL.includes(revise) && revise !== "shorter"));
  }
  byId("revise-why").textContent = down ? gettext("%(why)s Only what needs no model can be done now.", { why: can.why }) : "";
}

function label([theirs, mine = theirs]) {
  const name = (code) => new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "language" }).of(code);
  byId("revise-theirs").textContent = gettext("Translate: %(language)s (customer)", { language: name(theirs) });
  byId("revise-mine").textContent = gettext("Translate: %(language)s (yours)", { language: name(mine) });
}

function instruction() {
  const dialog = byId("dialog-instruct");
  const form = dialog.querySelector("form");
  return new Promise((resolve) => {
    let said = "";
    const submit = (event) => {
      event.preventDefault();
      said = form.elements.instruction.value.trim();
      if (said) dialog.close();
    };
    if (!open(dialog)) return resolve(null);
    form.elements.instruction.select();
    form.addEventListener("submit", submit);
    whenClosed(dialog, () => (form.removeEventListener("submit", submit), resolve(said ? { action: "instruct", instruction: said } : null)));
  });
}
