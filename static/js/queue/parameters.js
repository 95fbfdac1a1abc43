/* Pure: the parameters in an address of the queue, and how a search changes them. */

const NO_FILTERS = new Set(["view", "q", "sort"]);
/* "7d" and "today" move with the time; two dates do not. */
const PERIODS = ["created", "changed", "closed"];
const BETWEEN = "..";

/** "?…" as the server writes it: commas and "!" as they are. */
export function written(parameters) {
  return `?${parameters}`.replaceAll("%2C", ",").replaceAll("%21", "!");
}

/** The address that searches for `words`. Filters that are shown stay; a search from a view as it is looks everywhere. */
export function searchAddress(shown, words) {
  const parameters = new URLSearchParams(shown);
  const stays = parameters.has("q") || filtered(parameters);
  const asked = stays ? parameters : new URLSearchParams();
  asked.delete("sort"); // the best match comes first
  asked.set("q", words);
  return written(asked);
}

export function withoutSearch(shown) {
  const parameters = new URLSearchParams(shown);
  parameters.delete("q");
  return written(parameters);
}

/** Does the list change as time passes, without any event? `meaning`: the filters of the view itself, which the address
    leaves out. */
export function changesWithTime(address, meaning) {
  const shown = new URLSearchParams(address);
  const filters = filtered(shown) ? shown : new URLSearchParams(meaning);
  return [...filters].some(([name, value]) => {
    const key = name.replace(/!$/, "");
    if (PERIODS.includes(key)) return !value.includes(BETWEEN);
    return key === "waiting" || (key === "escalated" && value.split(",").includes("late"));
  });
}

function filtered(parameters) {
  return [...parameters.keys()].some((name) => !NO_FILTERS.has(name));
}
