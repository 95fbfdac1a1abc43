/* Close and tag: suggests existing tags, and asks once if the customer of a single ticket has no reply. */

import { post } from "../page/http.js";
import { gettext, ngettext } from "../page/texts.js";
import { failed } from "../page/toast.js";
import { once, open, whenClosed } from "./dialog.js";
import { startTags } from "./tag_field.js";
import { split } from "./tags.js";
import { toastWithUndo } from "./undoing.js";

const byId = (id) => document.getElementById(id);

export function closeAndTag(ticket, unsent, done) {
  const form = start({ title: gettext("Close and tag"), unsent });
  if (!form) return;
  form.onsubmit = (event) => {
    event.preventDefault();
    once(byId("dialog-close"), (here) => close(ticket, done, here));
  };
}

async function close(ticket, done, here) {
  // The server refuses once if the customer has no reply; pressing the same key again closes anyway.
  const asked = !byId("close-unanswered").hidden;
  const tags = byId("close-tags").value;
  try {
    const { events } = await post(`/desk/${ticket}/close`, { tags, ...(asked ? {} : { ask: "1" }) });
    if (here()) byId("dialog-close").close();
    done();
    toastWithUndo(split(tags).length ? gettext("Ticket closed and tagged.") : gettext("Ticket closed."), events, done);
  } catch (error) {
    if (!here()) return failed(error);
    if (error.data?.unanswered) return warnUnanswered(true);
    byId("close-error").textContent = error.message;
    byId("close-error").hidden = false;
  }
}

/** Asks for the tags of `count` tickets, and whether those without a reply are closed too. Resolves to the fields of the
    request, null if the dialog was left. */
export function askToClose(count) {
  const form = start({ title: ngettext("Close %(count)s ticket", "Close %(count)s tickets", count), count });
  if (!form) return Promise.resolve(null);
  return new Promise((resolve) => {
    let answer = null;
    form.onsubmit = (event) => {
      event.preventDefault();
      answer = { tags: byId("close-tags").value, ...(byId("close-also").checked ? { unanswered: "1" } : {}) };
      byId("dialog-close").close();
    };
    whenClosed(byId("dialog-close"), () => resolve(answer));
  });
}

/* Opens the dialog for the open ticket or, with `count`, for several; false if it cannot. Both have the same form. */
function start({ title, unsent = false, count = 0 }) {
  const dialog = byId("dialog-close");
  if (!open(dialog)) return false;
  byId("close-title").textContent = title;
  byId("close-unsent").hidden = !unsent;
  byId("close-others").hidden = !count;
  byId("close-also").checked = false;
  byId("close-error").hidden = true;
  warnUnanswered(false);
  if (count) byId("close-label").textContent = ngettext("Close %(count)s ticket", "Close %(count)s tickets", count);
  startTags(byId("close-tags"), byId("tag-suggestions"));
  byId("close-tags").focus();
  return dialog.querySelector("form");
}

function warnUnanswered(on) {
  byId("close-unanswered").hidden = !on;
  byId("close-label").textContent = on ? gettext("Close anyway") : gettext("Close ticket");
}
