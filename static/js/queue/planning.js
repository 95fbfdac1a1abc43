/* Pure: what a live update does to rows that have to keep their places, and which row is next. */

/** `shown`, `fresh`: ids of the rows in their order, here and at the server; `more`, `freshMore`: further rows follow
    them; `left`: shown rows that had left the list before; `open`: the id of the row of the open ticket, which keeps its
    place anyway.
    Returns which of the shown rows have left the list, how many new ones wait, and whether anything waits. */
export function still({ shown, fresh, more = false, freshMore = false, left = [], open = null }) {
  const [here, there] = [new Set(shown), new Set(fresh)];
  const added = news(shown, fresh, more);
  const gone = departed(shown, fresh, { more: freshMore, left });
  const moved = !same(shown.filter((id) => there.has(id)), fresh.filter((id) => here.has(id)));
  return { gone: new Set(gone), added: added.length, waits: added.length > 0 || moved || gone.some((id) => id !== open) };
}

/** The new ones of the rows `fresh`. If the list went on after those `shown`, what follows the last known row would have come
    with "More"; else it is new at the end. */
export function news(shown, fresh, more) {
  const known = new Set(shown);
  return more ? inserted(known, fresh) : fresh.filter((id) => !known.has(id));
}

/** Which of `shown` have left the list, which has the rows `fresh` now, and goes on after them if `more`. `left`: those
    that had left it before. */
export function departed(shown, fresh, { more = false, left = [] } = {}) {
  const there = new Set(fresh);
  const listed = shown.filter((id) => there.has(id) || !left.includes(id));
  const excess = inserted(new Set(shown), fresh).length + Math.max(0, listed.length - fresh.length);
  const beyond = new Set(more ? pushedOut(listed, there, excess) : []);
  return shown.filter((id) => !there.has(id) && !beyond.has(id));
}

/* The new rows above the last known one. */
function inserted(known, fresh) {
  return fresh.slice(0, fresh.findLastIndex((id) => known.has(id)) + 1).filter((id) => !known.has(id));
}

/* The server sends as many rows as were shown. For each new one, one at the end is no longer among them, but has not
   left the list. */
function pushedOut(shown, there, most) {
  const tail = shown.slice(shown.findLastIndex((id) => there.has(id)) + 1);
  return most > 0 ? tail.slice(-most) : [];
}

const same = (some, others) => some.length === others.length && some.every((each, at) => each === others[at]);

/** `rows`: `{ticket, gone}` in their order. The ticket `step` rows below the open one, without those that have left the
    list; the first or last one if none is open. */
export function neighbour(rows, open, step) {
  const tickets = rows.filter(({ ticket, gone }) => !gone || ticket === open).map(({ ticket }) => ticket);
  const at = tickets.indexOf(open);
  const next = at < 0 ? (step > 0 ? 0 : tickets.length - 1) : at + step;
  return tickets[next] ?? null;
}
