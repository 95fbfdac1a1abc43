/* Pure: Python counts code points, JavaScript UTF-16 units; offsets on the wire are code points. */

export function codePoints(text) {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** How many UTF-16 units the first `points` code points of `text` are. */
export function units(text, points) {
  return [...text].slice(0, points).join("").length;
}
