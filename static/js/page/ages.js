/* Ages ("4 m", "3 h", "2 d") that stay correct while the page is open. The filter `age` (config/templatetags/desk.py)
   writes the same. */

import { gettext } from "./texts.js";

export function age(since, now = Date.now()) {
  const minutes = Math.floor((now - since) / 60000);
  if (minutes < 1) return gettext("now");
  if (minutes < 60) return gettext("%(count)s m", { count: minutes });
  if (minutes < 48 * 60) return gettext("%(count)s h", { count: Math.floor(minutes / 60) });
  return gettext("%(count)s d", { count: Math.floor(minutes / (24 * 60)) });
}

export function refreshAges(root = document) {
  for (const time of root.querySelectorAll("time[data-age], time[data-ago]")) {
    const words = age(Date.parse(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}
