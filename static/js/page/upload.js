/* POST of a file with its progress. XMLHttpRequest, because fetch does not report the progress of uploads. */

import { Failure, texts } from "./http.js";
import { gettext } from "./texts.js";

const PATIENCE = 30000; // milliseconds without any progress, then it is given up

/** POST `fields` (a File and the CSRF token are among them); `progress(share)` is called with 0 to 1. Resolves to the
    answer's JSON, rejects with a Failure. */
export function upload(url, fields, progress, signal = undefined) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const request = new XMLHttpRequest();
    const broken = () => reject(new Failure(gettext("The upload broke off. Copydesk cannot be reached, or the file cannot be read.")));
    const waiting = patience(() => request.abort());
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      waiting.again();
      progress(event.loaded / Math.max(1, event.total));
    });
    request.addEventListener("load", () => (answered(request) ? resolve(request.response) : reject(refused(request))));
    request.addEventListener("error", broken);
    request.addEventListener("abort", broken);
    request.addEventListener("loadend", waiting.over);
    signal?.addEventListener("abort", () => request.abort());
    progress(0);
    request.send(body);
  });
}

function patience(run) {
  let timer = setTimeout(run, PATIENCE);
  const over = () => clearTimeout(timer);
  return { over, again: () => (over(), (timer = setTimeout(run, PATIENCE))) };
}

const loggedOut = ({ responseURL }) => new URL(responseURL, location).pathname.startsWith("/login");
const answered = (request) => request.status === 200 && request.response && !loggedOut(request);

function refused(request) {
  const status = loggedOut(request) ? 401 : request.status;
  const text = request.response?.error || { ...texts, 413: gettext("The file is too large.") }[status];
  return new Failure(text || gettext("The server did not accept the file (error %(status)s).", { status }), status >= 400 ? status : 500);
}
