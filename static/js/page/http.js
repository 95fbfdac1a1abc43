/* Requests that htmx does not make: posts that answer JSON, and parts of pages that scripts put in place. */

import { gettext } from "./texts.js";

export class Failure extends Error {
  constructor(message, status = 0, data = null) {
    super(message);
    this.status = status;
    this.data = data;
  }
}

const UNREACHABLE = gettext("Copydesk cannot be reached right now. What you typed is kept.");
const OFFLINE = gettext("You are offline. What you typed is kept.");

/** What an answer without a sentence of its own means, by status. */
export const texts = {
  401: gettext("You have been logged out. Log in again. What you typed is kept."),
  403: gettext("Your role does not allow this, or the page was open for too long. Reload the page and try again."),
  404: gettext("This no longer exists."),
  409: gettext("Something has changed in the meantime."),
  413: gettext("This is too large to send. Nothing was saved. What you typed is still here."),
  429: gettext("Too many attempts. Wait a minute and try again."),
};

export function token() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

async function send(url, options = {}) {
  const headers = { "HX-Request": "true", "X-CSRFToken": token(), ...options.headers };
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options, headers });
  } catch {
    // An aborted request ends here too; its caller no longer waits for it.
    throw new Failure(navigator.onLine ? UNREACHABLE : OFFLINE);
  }
  if (response.redirected && new URL(response.url).pathname.startsWith("/login")) {
    throw new Failure(texts[401], 401);
  }
  return response;
}

async function failure(response) {
  let data = null;
  try {
    data = await response.clone().json();
  } catch {
    /* not JSON: the texts below are used */
  }
  const message = data?.error || texts[response.status] || gettext("That did not work. The error is on our side and has been logged.");
  return new Failure(message, response.status, data);
}

export async function getHtml(url, signal = undefined) {
  const response = await send(url, { headers: { Accept: "text/html" }, signal });
  if (!response.ok) throw await failure(response);
  return whole(response.text());
}

export async function getJson(url) {
  const response = await send(url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw await failure(response);
  return whole(response.json());
}

/* It may be cut off or aborted, or something between here and the server has answered. */
async function whole(content) {
  try {
    return await content;
  } catch {
    throw new Failure(UNREACHABLE);
  }
}

/** Is it unknown whether the server has done it? */
export function isUnsure({ status }) {
  return !status || status >= 500;
}

/** Is it worth to try the same again? */
export function mayPass(error) {
  return isUnsure(error) || error.status === 429;
}

/** POST fields; `take` gets the answer's lines, each a JSON value, as they come. */
export async function postLines(url, fields, take, signal) {
  const response = await send(url, { method: "POST", body: new URLSearchParams(fields), signal });
  if (!response.ok) throw await failure(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      lines.forEach((line) => take(JSON.parse(line)));
    }
  } catch {
    throw new Failure(UNREACHABLE); // or aborted, and then nobody waits for it
  }
}

/** POST fields. Returns the answer's JSON, null for 204; a Failure has the status and the parsed answer. */
export async function post(url, fields = {}, options = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  const response = await send(url, { method: "POST", body, headers: { Accept: "application/json" }, ...options });
  if (!response.ok) throw await failure(response);
  return response.status === 204 ? null : whole(response.json());
}
