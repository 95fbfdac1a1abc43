/* Pure: from the address of a desk page to what it shows, and back. */

/** The ticket that an address opens, or null for the queue alone. */
export function ticketIn(path) {
  return path.match(/^\/desk\/(\d+)\/$/)?.[1] ?? null;
}

/** The address of a ticket, or of none, with the view or search of the queue (`?…`). */
export function addressOf(ticket, search) {
  return `/desk/${ticket ? `${ticket}/` : ""}${search}`;
}

/** Does an address name other rows than the queue shows? One without a view, search or filter keeps them. */
export function wantsOtherRows(search, shown) {
  return search.length > 1 && ordered(search) !== ordered(shown);
}

function ordered(search) {
  return [...new URLSearchParams(search)].map((pair) => pair.join("=")).sort().join("&");
}

/** Must this ticket be fetched? Not if it is open already and no other one is loading. */
export function mustLoad(ticket, { current, loading }) {
  return ticket !== current || loading;
}
