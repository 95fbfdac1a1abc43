/* Pure: which rows of the list a selection means. */

/** The ids of `rows` from `first` to `last`, both included, in whichever order; only `last` if `first` is not there. */
export function between(rows, first, last) {
  const [one, two] = [rows.indexOf(first), rows.indexOf(last)];
  if (one < 0 || two < 0) return [last];
  return rows.slice(Math.min(one, two), Math.max(one, two) + 1);
}

/** `items` in parts of at most `size`. */
export function parts(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
