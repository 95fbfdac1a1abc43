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

/** The filter `remaining` writes the same. */
export function remaining(at, now = Date.now()) {
  const time = age(now - Math.max(Math.abs(at - now), 60000), now);
  return at <= now ? gettext("%(time)s overdue", { time }) : gettext("%(time)s left", { time });
}

export function refreshAges(root = document) {
  for (const time of root.querySelectorAll("time[data-age], time[data-ago]")) {
    const words = age(Date.parse(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
  for (const time of root.querySelectorAll("time[data-due]")) {
    const at = Date.parse(time.dateTime);
    const words = remaining(at);
    if (time.textContent !== words) time.textContent = words;
    const chip = time.closest("[data-due-chip]");
    chip?.classList.toggle("chip-bad", at <= Date.now());
    chip?.classList.toggle("chip-warn", at > Date.now());
  }
}
