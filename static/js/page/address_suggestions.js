/* The addresses offered below a field while somebody types: a combobox. */

import { ngettext } from "./texts.js";
import { announce } from "./toast.js";

const PAUSE = 150; // milliseconds without typing, then they are asked for
const LEAST = 2; // characters

export class Suggestions {
  /** `suggest(query)`: Promise of [{name, email, about}]; `wanted(each)`: is it not in the field yet; `choose(each)`. */
  constructor(input, list, { suggest, wanted, choose }) {
    Object.assign(this, { input, list, suggest, wanted, choose, offered: [], at: -1, turn: 0 });
    // The focus stays in the text, also while the list is scrolled.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take([...list.children].indexOf(option));
    });
  }

  get open() {
    return !this.list.hidden;
  }

  /** This is the text now. `own`: it is an address itself, so that none is chosen for it by Enter. */
  typed(text, own) {
    const query = text.trim();
    this.narrow(query);
    const turn = ++this.turn; // an answer to an older text is not shown
    clearTimeout(this.timer);
    if (query.length < LEAST) return this.close();
    this.timer = setTimeout(() => this.ask(query, own, turn), PAUSE);
  }

  /* Until the answer to this text is there, Enter takes none that was offered for an older one; what no longer fits goes. */
  narrow(query) {
    if (!this.open) return;
    const part = query.toLowerCase();
    this.fill(this.offered.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(part)), -1);
  }

  async ask(query, own, turn) {
    let found = [];
    try {
      found = await this.suggest(query);
    } catch {
      /* without suggestions an address can be typed all the same */
    }
    if (turn !== this.turn) return;
    // Somebody may have moved to one of them already.
    const marked = this.offered[this.at]?.email;
    const offered = found.filter((each) => this.wanted(each));
    const at = marked ? offered.findIndex(({ email }) => email === marked) : -1;
    if (offered.length && !this.open) announce(ngettext("%(count)s suggestion", "%(count)s suggestions", offered.length));
    this.fill(offered, at < 0 && !own ? 0 : at);
  }

  fill(offered, at) {
    if (!offered.length) return this.close();
    this.offered = offered;
    this.list.replaceChildren(...offered.map((each, place) => option(each, `${this.list.id}-${place}`)));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(at);
  }

  mark(at) {
    this.at = at;
    const options = [...this.list.children];
    for (const [place, each] of options.entries()) each.setAttribute("aria-selected", String(place === at));
    if (at < 0) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  }

  /** Does the key mean the list? Then it was done. */
  key({ key }) {
    if (!this.open) return false;
    const { length } = this.offered;
    if (key === "ArrowDown") this.mark((this.at + 1) % length);
    else if (key === "ArrowUp") this.mark(this.at > 0 ? this.at - 1 : length - 1);
    else if (key === "Escape") this.close();
    else if (key === "Enter" && this.at >= 0) this.take(this.at);
    else return false;
    return true;
  }

  take(at) {
    const chosen = this.offered[at];
    this.close();
    this.choose(chosen);
  }

  close() {
    clearTimeout(this.timer);
    this.turn++;
    Object.assign(this, { offered: [], at: -1 });
    this.list.hidden = true;
    this.list.replaceChildren();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

function option({ name, email, about }, id) {
  const made = document.createElement("li");
  made.id = id;
  made.setAttribute("role", "option");
  made.append(...[[name, "address-option-name"], [email, "address-option-email"], [about, "address-option-about"]].filter(([text]) => text).map(part));
  return made;
}

function part([text, name]) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  made.dir = "auto";
  return made;
}
