/* Pure: from the address of a desk page to what it shows, and back. */

/** The ticket that an address opens, or null for the queue alone. */
export function ticketIn(path) {
  return path.match(/^\/desk\/(\d+)\/$/)?.[1] ?? null;
}

/** The address of a ticket, or of none, with the view or search of the queue (`?…`). */
export function addressOf(ticket, search) {
  return `/desk/${ticket ? `${ticket}/` : ""}${search}`;
}

/** Does an address name another view or search than the queue shows? One without a view keeps the view. */
export function wantsOtherRows(search, shown) {
  const asked = new URLSearchParams(search);
  return (asked.get("view") ?? shown.view) !== shown.view || (asked.get("q") ?? "") !== shown.query;
}

/** Must this ticket be fetched? Not if it is open already and no other one is loading. */
export function mustLoad(ticket, { current, loading }) {
  return ticket !== current || loading;
}
