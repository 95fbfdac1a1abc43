/* Ages ("4 m", "3 h", "2 d") that stay true while the page is open; as tickets' `age` filter writes them. */

export function age(since, now = Date.now()) {
  const minutes = Math.floor((now - since) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} m`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / (24 * 60))} d`;
}

export function refreshAges(root = document) {
  for (const time of root.querySelectorAll("time[data-age], time[data-ago]")) {
    const words = age(Date.parse(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}
