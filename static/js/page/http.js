/* Requests by hand, for everything that is not a plain htmx swap. */

export class Failure extends Error {
  constructor(message, status = 0, data = null) {
    super(message);
    this.status = status;
    this.data = data;
  }
}

const UNREACHABLE = "The desk cannot be reached right now. What you typed is kept.";
const OFFLINE = "This browser is offline. What you typed is kept.";

export function token() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

async function send(url, options = {}) {
  const headers = { "HX-Request": "true", "X-CSRFToken": token(), ...options.headers };
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options, headers });
  } catch {
    // An abort ends here too; whoever aborted does not listen any more.
    throw new Failure(navigator.onLine ? UNREACHABLE : OFFLINE);
  }
  if (response.redirected && new URL(response.url).pathname.startsWith("/login")) {
    throw new Failure("You have been logged out. Log in again; what you typed is kept.", 401);
  }
  return response;
}

async function failure(response) {
  let data = null;
  try {
    data = await response.clone().json();
  } catch {
    /* not JSON: a plain-word sentence below says enough */
  }
  const words = {
    403: "This is not for your role, or the page was open for too long. Reload it and try again.",
    404: "This is no longer there.",
    409: "Something changed in the meantime.",
    413: "This is too large to send. Nothing of it was kept on the server; what you typed is still here.",
    429: "That was too often. Wait a minute and try again.",
  };
  const message = data?.error || words[response.status] || "That did not work. The mistake is ours and is in the log.";
  return new Failure(message, response.status, data);
}

export async function getHtml(url, signal = undefined) {
  const response = await send(url, { headers: { Accept: "text/html" }, signal });
  if (!response.ok) throw await failure(response);
  return response.text();
}

export async function getJson(url) {
  const response = await send(url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw await failure(response);
  return response.json();
}

/** POST fields; the answer's JSON, or null for 204. Failure carries the status and the parsed answer. */
export async function post(url, fields = {}, options = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  const response = await send(url, { method: "POST", body, headers: { Accept: "application/json" }, ...options });
  if (!response.ok) throw await failure(response);
  return response.status === 204 ? null : response.json();
}
