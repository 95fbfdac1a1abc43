/* What was asked and opened is noted by a POST of its own: a page that is only looked at writes nothing. */

/* One after the other, because the first brings the visit's cookie. */
let noting = Promise.resolve();

function note(url, fields) {
  const body = new URLSearchParams(fields);
  const send = () => fetch(url, { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => {});
  noting = noting.then(send);
}

export function noteSearch(root) {
  const kept = root.querySelector("[data-keep]");
  if (kept) note(kept.dataset.keepUrl, { keep: kept.dataset.keep });
}

function noteRead(article) {
  note(article.dataset.readUrl, { from: new URLSearchParams(location.search).get("from") ?? "" });
}

export function noteWhatIsShown() {
  const page = document.querySelector(".help-page");
  if (page) noteSearch(page);
  document.querySelectorAll("[data-read-url]").forEach(noteRead);
}
