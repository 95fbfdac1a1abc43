/* What the desk tells about the queue: what changed, who is on which ticket, and whether it is told at all. */

import { QueuePresence } from "../live/presence.js";
import { Line } from "../live/sockets.js";

const BLINK = 1200; // milliseconds that the line may be gone before anybody is told; a lost network is told at once
/* "Not live": requests work, but what others do is not shown by itself. "Offline": this browser has no network. */
const WORDS = { ready: "", "not-live": "not live, reconnecting…", offline: "offline: no network" };

export function listenToQueue(queue, user) {
  const inQueue = new QueuePresence(user);
  new Line("/ws/queue/", {
    event: (event) => {
      if (event.type === "queue.changed") queue.refreshSoon();
      else if (event.type === "presence") inQueue.heard(event);
    },
    state: tellState,
    opened: (again) => again && queue.refreshSoon(),
  });
}

let timer = 0;

function tellState(state) {
  const place = document.getElementById("line-state");
  clearTimeout(timer);
  timer = setTimeout(() => (place.textContent = WORDS[state]), state === "not-live" ? BLINK : 0);
}
