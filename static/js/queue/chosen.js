/* Pure: what the panel of filters asks for, as the address of the queue. */

import { written } from "./parameters.js";

const OTHERS = new Set(["view", "q", "sort"]);

/** `pairs`: names and values of the form. Several values of one field (ticks) are joined by commas. "none of these" only
    counts where something is chosen. */
export function addressOfForm(pairs) {
  const given = pairs.map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
  const turned = new Set(given.filter(([name]) => name === "not").map(([, value]) => value));
  const chosen = new Map();
  for (const [name, value] of given.filter(([each]) => each !== "not")) {
    const key = turned.has(name) ? `${name}!` : name;
    chosen.set(key, [...(chosen.get(key) ?? []), value]);
  }
  const parameters = new URLSearchParams([...chosen].map(([key, values]) => [key, values.join(",")]));
  if (![...chosen.keys()].some((key) => !OTHERS.has(key))) parameters.set("any", "1");
  return written(parameters);
}
