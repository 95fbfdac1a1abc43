/* Live updates of the queue: what changed, who is on which ticket, and whether the connection is up. */

import { QueuePresence } from "../live/presence.js";
import { Connection } from "../live/sockets.js";
import { gettext } from "../page/texts.js";

const BLINK = 1200; // milliseconds without a connection before it is shown; "offline" is shown at once
/* "not-live": requests work, but changes by others do not appear by themselves. "offline": the browser has no network. */
const TEXTS = { ready: "", "not-live": gettext("no live updates, reconnecting…"), offline: gettext("offline") };

export function listenToQueue(queue, user) {
  const inQueue = new QueuePresence(user);
  new Connection("/ws/queue/", {
    event: (event) => {
      if (event.type === "queue.changed") queue.refreshSoon();
      else if (event.type === "presence") inQueue.receive(event);
    },
    state: showState,
    opened: (again) => again && queue.refreshSoon(),
  });
}

let timer = 0;

function showState(state) {
  const place = document.getElementById("connection-state");
  clearTimeout(timer);
  timer = setTimeout(() => (place.textContent = TEXTS[state]), state === "not-live" ? BLINK : 0);
}
