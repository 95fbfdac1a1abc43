/* The contact form: suggests articles while the subject is being typed. Does not send the form. */

const WAIT = 500; // ms after the last keystroke
const MIN_LENGTH = 8; // characters of a subject worth searching with

const form = document.querySelector("[data-contact][data-suggest]");
const subject = form?.querySelector("[name=subject]");
const place = form?.querySelector("[data-suggestions]");
let timer = 0;
let running = null;

async function suggest() {
  const query = subject.value.trim();
  running?.abort();
  if (query.length < MIN_LENGTH) {
    place.replaceChildren();
    return;
  }
  const mine = new AbortController();
  running = mine;
  try {
    const asked = new URLSearchParams({ q: query });
    // Articles that were read already are not suggested.
    for (const read of form.querySelectorAll("[name=share]")) asked.append("read", read.value);
    const url = `${form.dataset.suggest}?${asked}`;
    const response = await fetch(url, { credentials: "same-origin", headers: { "HX-Request": "true" }, signal: mine.signal });
    if (response.ok && running === mine) place.innerHTML = await response.text();
  } catch {
    /* a newer request aborted this one, or offline: the form works without suggestions */
  }
}

subject?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(suggest, WAIT);
});
