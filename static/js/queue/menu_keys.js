/* Pure: where a key leads in an open menu. */

/** The place of the next item, -1 for none that fits, null if the key is not one of the menu. `at`: the place of the one
    that has the focus, -1 for the button of the menu. */
export function place(names, at, key) {
  const last = names.length - 1;
  if (key === "ArrowDown") return at < last ? at + 1 : 0;
  if (key === "ArrowUp") return at > 0 ? at - 1 : last;
  if (key === "Home") return 0;
  if (key === "End") return last;
  return /^[\p{L}\p{N}]$/u.test(key) ? beginning(names, at, key) : null;
}

/* The next one after `at` that begins with the letter, from the top again at the end. */
function beginning(names, at, letter) {
  const fits = names.map((name) => name.trim().toLocaleLowerCase().startsWith(letter.toLocaleLowerCase()));
  const next = fits.indexOf(true, at + 1);
  return next < 0 ? fits.indexOf(true) : next;
}
