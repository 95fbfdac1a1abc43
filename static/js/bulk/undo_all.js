/* Undo of a bulk action, which may have changed more tickets than one request can put back. */

import { mayPass, post } from "../page/http.js";
import { gettext, ngettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";

const MOST = 100; // events of one request

export async function undoAll(events, bulk, told = { undone: new Set(), left: new Set(), why: "" }) {
  const undo = (some) => ({ label: gettext("Undo"), run: () => undoAll(some, bulk, told) });
  if (bulk.running.busy) return toast(gettext("Tickets are still being changed. Undo when that has ended."), { action: undo(events) });
  const newestFirst = [...events].sort((one, two) => two - one); // closing and tagging one ticket are two events
  const { rest, error } = await bulk.running.run(newestFirst, MOST, (part) => send(part, told));
  bulk.refresh([...told.undone]);
  if (!error || told.undone.size) toast(words(told), { action: rest.length && !error ? undo(rest) : null });
  if (error) failed(error, mayPass(error) ? () => undoAll(rest, bulk, told) : null);
}

/* 409: nothing of this part. */
async function send(part, told) {
  try {
    const { undone, left } = await post("/desk/undo", { events: part.join(",") });
    for (const number of undone) told.undone.add(number);
    for (const { ticket } of left) told.left.add(ticket);
    told.why ||= left[0]?.why ?? "";
  } catch (error) {
    if (error.status !== 409) throw error;
    told.why ||= error.message;
  }
}

function words({ undone, left, why }) {
  const count = [...undone].filter((ticket) => !left.has(ticket)).length;
  if (!count) return why;
  const done = ngettext("%(count)s ticket is as it was before.", "%(count)s tickets are as they were before.", count);
  return why ? `${done} ${gettext("Others are not: %(why)s", { why })}` : done;
}
