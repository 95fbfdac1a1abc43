/* "Was this article helpful?", answered without leaving the page. */

import { part } from "./parts.js";

export class Vote {
  constructor(section) {
    this.section = section;
    this.place = document.createElement("div");
    section.append(this.place);
    section.addEventListener("submit", (event) => this.submitted(event));
    section.addEventListener("click", (event) => this.clicked(event));
  }

  async submitted(event) {
    const form = event.target;
    event.preventDefault();
    if (form.method === "post") {
      if (await this.answer(form)) this.focus("[role=status], textarea");
      return;
    }
    // The first click: fetch the form with its CSRF token, then send it.
    const helped = event.submitter?.value ?? "no";
    if (!(await this.send(form, `${form.action}?helped=${helped}`))) return;
    await this.answer(this.place.querySelector("form"));
    this.focus("textarea");
  }

  async clicked(event) {
    const link = event.target.closest("a[href*='change=1']");
    if (!link) return;
    event.preventDefault();
    await this.send(null, link.href);
    this.focus("input[name=helped]:checked");
  }

  focus(selector) {
    this.place.querySelector(selector)?.focus();
  }

  answer(form) {
    return this.send(form, form.action, [...new FormData(form)]);
  }

  async send(form, url, fields) {
    const buttons = [...this.section.querySelectorAll("button")];
    buttons.forEach((button) => (button.disabled = true));
    try {
      const response = await part(url, fields ? { method: "POST", body: new URLSearchParams(fields) } : {});
      if (!response.ok && response.status !== 429) throw new Error(String(response.status));
      this.place.innerHTML = await response.text();
      this.section.querySelector(":scope > form")?.remove();
      return true;
    } catch {
      buttons.forEach((button) => (button.disabled = false));
      // The whole page does it instead, or says what is wrong.
      if (form) form.submit();
      else location.assign(url);
      return false;
    }
  }
}
