/** Fetches a part of a public page, rendered by the server. */
export function part(url, options = {}) {
  return fetch(url, { credentials: "same-origin", ...options, headers: { "HX-Request": "true", ...options.headers } });
}
