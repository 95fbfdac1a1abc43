/* Pure: what the addresses of the desk mean, and which one belongs to what is shown. */

/** The ticket that an address opens, or null for the queue alone. */
export function ticketIn(path) {
  return path.match(/^\/desk\/(\d+)\/$/)?.[1] ?? null;
}

/** The address of a ticket (or of none) beside this view or search. */
export function addressOf(ticket, search) {
  return `/desk/${ticket ? `${ticket}/` : ""}${search}`;
}

/** Does an address ask for another view or other words than the queue shows? One that names none asks for no change. */
export function wantsOtherRows(search, shown) {
  const asked = new URLSearchParams(search);
  return (asked.get("view") ?? shown.view) !== shown.view || (asked.get("q") ?? "") !== shown.query;
}

/** How a ticket is opened: the one that is on the screen stays, unless another is on its way already. */
export function mustLoad(ticket, { current, loading }) {
  return ticket !== current || loading;
}
