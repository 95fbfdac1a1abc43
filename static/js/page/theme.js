/* Theme, language and single-key shortcuts: applied at once, and saved for the member. */

import { post } from "./http.js";
import { failed } from "./toast.js";

export function startPreferences() {
  const form = document.getElementById("preferences");
  if (!form) return;
  form.addEventListener("change", async ({ target }) => {
    const fields = new FormData(form);
    document.documentElement.dataset.theme = fields.get("theme");
    const desk = document.getElementById("desk");
    if (desk) desk.dataset.singleKeys = fields.has("single_keys") ? "on" : "off";
    try {
      await post(form.action, fields);
      if (target.name === "language") location.reload(); // the server writes the texts
    } catch (error) {
      failed(error);
    }
  });
}
