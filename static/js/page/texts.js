/* Texts that a script shows, in the language of the page. `make texts` finds what is inside gettext() and ngettext().
   The page loads the translations before (config/web/texts.py); an English page needs none. */

const django = () => globalThis.django ?? {};

/** `text` in the language of the page; `%(name)s` in it stands for `values.name`. */
export function gettext(text, values = {}) {
  return fill(django().gettext?.(text) ?? text, values);
}

/** The form for `count` things; `%(count)s` stands for the number. */
export function ngettext(one, many, count, values = {}) {
  return fill(django().ngettext?.(one, many, count) ?? (count === 1 ? one : many), { count, ...values });
}

/** A number with `digits` decimals, written as in the language of the page. */
export function decimal(value, digits = 1) {
  return Number(value).toLocaleString(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** "A, B, and C" in the language of the page. */
export function listed(names) {
  return new Intl.ListFormat(language(), { type: "conjunction" }).format(names.map(String));
}

const language = () => globalThis.document?.documentElement.lang || "en";

function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? values[name] : whole));
}
