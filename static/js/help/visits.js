/* Records searches and opened articles by POST: looking at a page writes nothing. */

/* One after the other, because the first sets the visit's cookie. */
let pending = Promise.resolve();

function record(url, fields) {
  const body = new URLSearchParams(fields);
  const send = () => fetch(url, { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => {});
  pending = pending.then(send);
}

export function recordSearch(root) {
  const found = root.querySelector("[data-record-token]");
  if (found) record(found.dataset.recordUrl, { token: found.dataset.recordToken });
}

function recordRead(article) {
  record(article.dataset.readUrl, { from: new URLSearchParams(location.search).get("from") ?? "" });
}

export function recordPage() {
  const page = document.querySelector(".help-page");
  if (page) recordSearch(page);
  document.querySelectorAll("[data-read-url]").forEach(recordRead);
}
