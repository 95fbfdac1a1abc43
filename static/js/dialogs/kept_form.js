/* What was typed into a dialog survives its closing, reloads and crashes: kept in this browser by a name, which begins with
   "copydesk:text:", so that composer/kept.js deletes what is old. */

const page = new Map(); // where storage is full or switched off

/** What was kept, or null. */
export function load(name) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? page.get(name) ?? null;
  } catch {
    return page.get(name) ?? null;
  }
}

export function save(name, form) {
  const kept = { at: Date.now(), ...form };
  try {
    localStorage.setItem(name, JSON.stringify(kept));
    page.delete(name);
  } catch {
    page.set(name, kept);
  }
}

export function drop(name) {
  page.delete(name);
  try {
    localStorage.removeItem(name);
  } catch {
    /* then it is not there either */
  }
}
