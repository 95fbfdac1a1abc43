/* Pure: the field of tags, separated by commas; the last one is being typed. */

const MOST = 12;

export function split(text) {
  return text.split(",").map((tag) => tag.trim().toLowerCase()).filter(Boolean);
}

const small = (tag) => tag.toLowerCase(); // some names have capitals

/** {chosen, offered}: while a tag is being typed only tags that contain it are offered, else chosen tags first. */
export function suggestions(text, known) {
  const chosen = split(text);
  const typing = text.split(",").at(-1).trim().toLowerCase();
  const part = known.map(small).includes(typing) ? "" : typing;
  const starts = known.filter((tag) => part && small(tag).startsWith(part));
  const holds = known.filter((tag) => small(tag).includes(part) && !starts.includes(tag));
  const first = known.filter((tag) => chosen.includes(small(tag)));
  return { chosen: first, offered: [...new Set([...(part ? [] : first), ...starts, ...holds])].slice(0, MOST) };
}

/** Add `tag`, replacing what is typed of it so far, or remove it. */
export function toggled(text, tag) {
  const had = split(text);
  if (had.includes(small(tag))) return had.filter((each) => each !== small(tag)).join(", ");
  const typing = text.split(",").at(-1).trim().toLowerCase();
  const whole = typing && small(tag).includes(typing) ? had.slice(0, -1) : had;
  return [...whole, tag].join(", ");
}
