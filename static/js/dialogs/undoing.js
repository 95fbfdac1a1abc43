/* Undo of what the server has noted as events: assignee, team, priority, status, tags, closing; of one ticket. Of several
   tickets: bulk/bulk.js. */

import { mayPass, post } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";

/** Shows `text`, with Undo if anything was changed. `done()`: after undoing. */
export function toastWithUndo(text, events, done) {
  const action = events?.length ? { label: gettext("Undo"), run: () => undo(events, done) } : null;
  toast(text, { action });
}

async function undo(events, done) {
  try {
    const { left: [kept] } = await post("/desk/undo", { events: events.join(",") });
    // Of two changes made at once, as closing and tagging, perhaps one.
    if (kept && events.length > 1) failed({ message: gettext("Not all of it is undone. %(why)s", kept) });
    else if (kept) failed({ message: kept.why });
    else toast(gettext("Undone. The ticket is as it was before."));
  } catch (error) {
    failed(error, mayPass(error) ? () => undo(events, done) : null);
  }
  done();
}
