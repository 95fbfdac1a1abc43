/* The public help center: search as you type, and a vote without leaving the page. Works without any of it. */

const WAIT = 250; // ms after the last keystroke
const LEAST = 3; // characters

function part(url, options = {}) {
  return fetch(url, { credentials: "same-origin", ...options, headers: { "HX-Request": "true", ...options.headers } });
}

/* What was asked and opened is noted by a POST of its own: a page that is only looked at writes nothing.
   One after the other, because the first brings the visit's cookie. */
let noting = Promise.resolve();

function note(url, fields) {
  const body = new URLSearchParams(fields);
  const send = () => fetch(url, { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => {});
  noting = noting.then(send);
}

function noteSearch(root) {
  const kept = root.querySelector("[data-keep]");
  if (kept) note(kept.dataset.keepUrl, { keep: kept.dataset.keep });
}

function noteRead(article) {
  note(article.dataset.readUrl, { from: new URLSearchParams(location.search).get("from") ?? "" });
}

function startSearch(form) {
  const input = form.querySelector("input[name=q]");
  const panel = form.querySelector(".help-panel");
  const count = form.querySelector("[data-count]");
  const options = () => [...panel.querySelectorAll("[role=option]")];
  let timer = 0;
  let running = null; // the request under way
  let shown = input.value.trim();
  let chosen = -1;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");

  function choose(place) {
    const all = options();
    all[chosen]?.setAttribute("aria-selected", "false");
    chosen = all.length ? place : -1;
    const option = all[chosen];
    if (!option) {
      chosen = -1;
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function open() {
    if (!panel.children.length) return;
    panel.hidden = false;
    const list = panel.querySelector("[role=listbox]");
    input.setAttribute("aria-expanded", String(Boolean(list)));
    if (list) input.setAttribute("aria-controls", list.id);
    else input.removeAttribute("aria-controls");
  }

  function close() {
    panel.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-controls");
    choose(-1);
  }

  async function ask() {
    const query = input.value.trim();
    if (query === shown && panel.children.length) return open();
    if (query.length < LEAST) {
      running?.abort();
      panel.replaceChildren();
      count.textContent = "";
      shown = "";
      return close();
    }
    running?.abort();
    const mine = new AbortController();
    running = mine;
    try {
      const response = await part(`${form.action}?${new URLSearchParams({ q: query })}`, { signal: mine.signal });
      const html = await response.text();
      if (running !== mine) return;
      if (response.ok || response.status === 429) {
        panel.innerHTML = html;
        noteSearch(panel);
        shown = query;
        chosen = -1;
        input.removeAttribute("aria-activedescendant");
        count.textContent = panel.querySelector("[data-words]")?.dataset.words ?? "";
        if (form.contains(document.activeElement)) open();
      }
    } catch {
      /* overtaken or offline: Enter still asks the whole page */
    }
    if (running !== mine) return;
    running = null;
    if (input.value.trim() !== shown && input.value.trim() !== query) ask();
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    choose(-1);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("focus", () => {
    if (shown && shown === input.value.trim()) open();
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (panel.hidden) open();
      if (!all.length) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are options: the field itself.
      const next = (chosen + 1 + step + all.length + 1) % (all.length + 1);
      choose(next - 1);
    } else if (event.key === "Enter" && chosen >= 0 && !panel.hidden) {
      event.preventDefault();
      all[chosen].click();
    } else if (event.key === "Escape" && !panel.hidden) {
      event.preventDefault();
      close();
    }
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  // The pointer must not take the focus from the field before the click has led somewhere.
  panel.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[role=option]")) event.preventDefault();
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    running?.abort();
    running = null;
  });
}

function startVote(section) {
  const place = document.createElement("div");
  section.append(place);

  async function send(form, url, fields) {
    const buttons = [...section.querySelectorAll("button")];
    buttons.forEach((button) => (button.disabled = true));
    try {
      const response = await part(url, fields ? { method: "POST", body: new URLSearchParams(fields) } : {});
      if (!response.ok && response.status !== 429) throw new Error(String(response.status));
      place.innerHTML = await response.text();
      section.querySelector(":scope > form")?.remove();
      return true;
    } catch {
      buttons.forEach((button) => (button.disabled = false));
      // The whole page says what is wrong, or does it.
      if (form) form.submit();
      else location.assign(url);
      return false;
    }
  }

  section.addEventListener("submit", async (event) => {
    const form = event.target;
    event.preventDefault();
    if (form.method === "post") {
      if (await send(form, form.action, [...new FormData(form)])) place.querySelector("[role=status], textarea")?.focus();
      return;
    }
    // The first click: fetch the form with its token, then answer with it.
    const helped = event.submitter?.value ?? "no";
    if (!(await send(form, `${form.action}?helped=${helped}`))) return;
    const full = place.querySelector("form");
    await send(full, full.action, [...new FormData(full)]);
    place.querySelector("textarea")?.focus();
  });
  section.addEventListener("click", (event) => {
    const link = event.target.closest("a[href*='change=1']");
    if (!link) return;
    event.preventDefault();
    send(null, link.href).then(() => place.querySelector("input[name=helped]:checked")?.focus());
  });
}

function noteWhatIsShown() {
  const page = document.querySelector(".help-page");
  if (page) noteSearch(page);
  document.querySelectorAll("[data-read-url]").forEach(noteRead);
}

// A page made ready before anybody asked for it counts when it is opened.
if (document.prerendering) document.addEventListener("prerenderingchange", noteWhatIsShown, { once: true });
else noteWhatIsShown();
document.querySelectorAll("[data-help-search]").forEach(startSearch);
document.querySelectorAll("[data-help-vote]").forEach(startVote);
