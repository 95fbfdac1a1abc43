/** A part of a public page, as the server renders it for a script. */
export function part(url, options = {}) {
  return fetch(url, { credentials: "same-origin", ...options, headers: { "HX-Request": "true", ...options.headers } });
}
