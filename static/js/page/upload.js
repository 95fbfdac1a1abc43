/* POST of a file with its progress. XMLHttpRequest, because fetch does not report the progress of uploads. */

import { Failure } from "./http.js";
import { gettext } from "./texts.js";

/** POST `fields` (a File and the CSRF token are among them); `progress(share)` is called with 0 to 1. Resolves to the
    answer's JSON, rejects with a Failure. */
export function upload(url, fields, progress, signal = undefined) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (value instanceof File) body.append(name, value, value.name);
      else body.append(name, value);
    }
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => progress(event.loaded / Math.max(1, event.total)));
    request.addEventListener("load", () => (request.status === 200 && request.response ? resolve(request.response) : reject(refused(request))));
    request.addEventListener("error", () => reject(new Failure(gettext("The upload broke off. Copydesk cannot be reached, or the file cannot be read."))));
    request.addEventListener("abort", () => reject(new Failure("")));
    signal?.addEventListener("abort", () => request.abort());
    progress(0);
    request.send(body);
  });
}

function refused({ status, response, responseURL }) {
  if (new URL(responseURL, location).pathname.startsWith("/login")) return new Failure(gettext("You have been logged out. Log in again."), 401);
  const texts = {
    401: gettext("You have been logged out. Log in again."),
    413: gettext("The file is too large."),
  };
  return new Failure(response?.error || texts[status] || gettext("The server did not accept the file (error %(status)s).", { status }), status || 500);
}
