/* What Esc does: the first step that there is a reason for (keys.js). */

import { closeExcerpt, excerptIsOpen } from "../draft/excerpt.js";
import { typing } from "../page/keyboard.js";
import { drawer, drawerIsOpen } from "./context.js";
import { escapes } from "./keys.js";

export function escape(event, actions) {
  const { composer, ticket, bulk } = actions;
  const steps = {
    leaveSearch: () => event.target.blur(),
    closeExcerpt,
    cancelSending: () => actions.cancelSending(),
    stop: () => actions.stop(),
    closeDrawer: () => drawer(false),
    leaveText: () => ticket.focusTitle(),
    clearSelection: () => bulk.clear(),
  };
  const step = escapes({
    searching: ["search", "knowledge-search"].includes(event.target.id),
    excerpt: excerptIsOpen(),
    retrying: document.getElementById("retrying")?.hidden === false,
    writing: Boolean(composer?.canStop || composer?.revising.running),
    drawer: drawerIsOpen(),
    typing: typing(event.target),
    selected: bulk.meant,
  });
  steps[step]?.();
}
