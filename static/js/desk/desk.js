/* Start of the desk page: puts its parts together. Which ticket is open: router.js; keys: keys.js; actions: actions.js;
   the open ticket: ticket.js. */

import { Bulk } from "../bulk/bulk.js";
import { tidy } from "../composer/kept.js";
import { acceptDrops } from "../composer/uploads.js";
import { startDialogs } from "../dialogs/dialog.js";
import { refreshAges } from "../page/ages.js";
import { listen, typing } from "../page/keyboard.js";
import { Queue } from "../queue/queue.js";
import { moveInMenu } from "../queue/options.js";
import { LiveSearch } from "../queue/search.js";
import { Actions } from "./actions.js";
import { listenToClicks } from "./clicks.js";
import { bound, KEYS } from "./keys.js";
import { listenToQueue } from "./live_updates.js";
import { Router } from "./router.js";
import { OpenTicket } from "./ticket.js";

const desk = document.getElementById("desk");
const { user } = desk.dataset;
const singleKeys = () => desk.dataset.singleKeys === "on";
const show = (pane) => (desk.dataset.pane = pane);

const queue = new Queue(document.getElementById("queue"));
const ticket = new OpenTicket({
  user,
  queue,
  open: (number) => router.open(number),
  reveal: () => show("ticket"),
  hints: singleKeys,
});
const router = new Router({ content: document.getElementById("content"), queue, ticket, show, viewed: () => search.follow() });
const search = new LiveSearch(document.getElementById("search"), queue, (words, how) => {
  show("queue");
  return router.showView(words, how);
});
const bulk = new Bulk({ queue, ticket, router, singleKeys });
queue.marked = () => bulk.follow();
bulk.follow();
const actions = new Actions({ ticket, router, bulk });

/** The situation in which a key is pressed, for keys.js. */
function now({ target }) {
  return {
    ticket: Boolean(ticket.composer) && !router.loading,
    dialog: Boolean(document.querySelector("dialog[open]")),
    typing: typing(target),
    composer: Boolean(target.closest?.("#composer")),
    selected: bulk.meant,
  };
}

document.getElementById("queue").addEventListener("keydown", moveInMenu);
listen(bound(KEYS, actions, now), singleKeys);
listenToClicks({ actions, bulk, router, search, ticket });
document.addEventListener("change", ({ target }) => {
  const field = target.closest("[data-post]");
  if (field) actions.changed(field);
});
listenToQueue(queue, user);
acceptDrops(() => ticket.composer?.uploads);
addEventListener("beforeunload", (event) => (ticket.uploading.busy || bulk.running.busy) && event.preventDefault());
startDialogs();
tidy();
ticket.mount();
ticket.deliveries.sending.resume();
addEventListener("online", () => ticket.deliveries.sending.retryAll());
refreshAges();
