/* The contact form: answers that may make it unnecessary, while the subject is being typed. Sends nothing by itself. */

const WAIT = 500; // ms after the last keystroke
const LEAST = 8; // characters: a subject worth searching with

const form = document.querySelector("[data-contact][data-suggest]");
const subject = form?.querySelector("[name=subject]");
const place = form?.querySelector("[data-suggestions]");
let timer = 0;
let running = null;

async function suggest() {
  const query = subject.value.trim();
  running?.abort();
  if (query.length < LEAST) {
    place.replaceChildren();
    return;
  }
  const mine = new AbortController();
  running = mine;
  try {
    const asked = new URLSearchParams({ q: query });
    // What was read already is not offered again.
    for (const read of form.querySelectorAll("[name=keep]")) asked.append("read", read.value);
    const url = `${form.dataset.suggest}?${asked}`;
    const response = await fetch(url, { credentials: "same-origin", headers: { "HX-Request": "true" }, signal: mine.signal });
    if (response.ok && running === mine) place.innerHTML = await response.text();
  } catch {
    /* overtaken or offline: the form works without suggestions */
  }
}

subject?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(suggest, WAIT);
});
