/* What was typed into the dialog "Forward" survives its closing, reloads and crashes: kept per member and ticket in this
   browser until it is sent. composer/kept.js deletes what is old. */

const page = new Map(); // where storage is full or switched off

function key(user, ticket) {
  return `copydesk:text:${user}:${ticket}:forward`;
}

/** {message, recipients, typed, text, files, whole, submission, unsure}, or null. `unsure`: it may have been sent. */
export function load(user, ticket) {
  const name = key(user, ticket);
  try {
    return JSON.parse(localStorage.getItem(name)) ?? page.get(name) ?? null;
  } catch {
    return page.get(name) ?? null;
  }
}

/** Keep it, if somebody has typed something. */
export function save(user, ticket, form) {
  if (!form.unsure && isEmpty(form)) return drop(user, ticket);
  const name = key(user, ticket);
  const kept = { at: Date.now(), ...form };
  try {
    localStorage.setItem(name, JSON.stringify(kept));
    page.delete(name);
  } catch {
    page.set(name, kept);
  }
}

export function drop(user, ticket) {
  page.delete(key(user, ticket));
  try {
    localStorage.removeItem(key(user, ticket));
  } catch {
    /* then it is not there either */
  }
}

function isEmpty({ recipients, typed, text }) {
  return !text.trim() && !Object.values(recipients).flat().length && !Object.values(typed).some(Boolean);
}
