/* Entry of the desk: which ticket is open, what the two lines say, and what each key does. */

import { refreshAges } from "./ages.js";
import { Composer } from "./composer.js";
import { drawer } from "./context.js";
import { Conversation } from "./conversation.js";
import { Deliveries } from "./deliveries.js";
import * as dialogs from "./dialogs.js";
import { closeExcerpt, excerptIsOpen, showExcerpt, toggleSource } from "./excerpt.js";
import { getHtml, post } from "./http.js";
import { tidy } from "./kept.js";
import { fillHelp, listen, showMacKeys, typing } from "./keys.js";
import * as outgoing from "./outgoing.js";
import { Presence, QueuePresence } from "./presence.js";
import { Queue } from "./queue.js";
import { LiveSearch } from "./search.js";
import { Line } from "./sockets.js";
import { announce, failed, toast, undoNewest } from "./toast.js";

const desk = document.getElementById("desk");
const content = document.getElementById("content");
const queue = new Queue(document.getElementById("queue"));
let composer = null;
let conversation = null;
let line = null;
let presence = null;

const deliveries = new Deliveries({
  user: desk.dataset.user,
  current: () => current(),
  composer: () => composer,
  conversation: () => conversation,
  rested: () => presence?.rested(),
  refresh: (...parts) => refresh(...parts),
  open: (ticket) => openTicket(ticket),
  hints: () => singleKeys(),
});

const singleKeys = () => desk.dataset.singleKeys === "on";
const current = () => document.getElementById("pane")?.dataset.ticket ?? null;

// --- opening tickets -----------------------------------------------------------------

function openTicket(ticket, { push = true, focus = true } = {}) {
  ticket = String(ticket);
  const loading = wanted;
  desk.dataset.pane = "ticket";
  drawer(false);
  queue.open(ticket);
  if (ticket === current() && !loading) return arrived(ticket, { push, focus });
  load(ticket, { push, focus });
}

function arrived(ticket, { push, focus }) {
  const address = `/desk/${ticket}/${queue.search()}`;
  if (push && address !== location.pathname + location.search) history.pushState({ ticket }, "", address);
  if (focus) focusTitle();
}

let wanted = null; // the request for the ticket that is being opened

async function load(ticket, how) {
  // Pressing j five times loads the fifth ticket, not all five.
  wanted?.abort();
  const request = (wanted = new AbortController());
  busy(true);
  try {
    const html = await getHtml(`/desk/${ticket}/pane`, request.signal);
    if (request !== wanted) return;
    unmount();
    window.htmx.swap(content, html, { swapStyle: "innerHTML", settleDelay: 0 });
    mount();
    busy(false);
    arrived(ticket, how);
  } catch (error) {
    if (request !== wanted) return;
    failed(error, () => openTicket(ticket, how));
    if (current()) queue.open(current()); // the queue says again what is really on the screen
  }
  wanted = null;
  busy(false);
}

/* While the next ticket is on its way nothing can be done to the one before: a reply that is
   sent half a second too late must not go to the wrong customer. */
function busy(on) {
  content.setAttribute("aria-busy", String(on));
  content.inert = on;
}

function unmount() {
  closeExcerpt();
  composer?.leave();
  presence?.leave();
  line?.close();
  composer = conversation = line = presence = null;
}

function mount() {
  const pane = document.getElementById("pane");
  if (!pane) return;
  const ticket = pane.dataset.ticket;
  document.title = `${pane.dataset.title} · Copydesk`;
  queue.open(ticket);
  conversation = new Conversation(document.getElementById("conversation"));
  composer = new Composer(document.getElementById("composer"), {
    user: desk.dataset.user,
    sending: deliveries.sending,
    excerpt: showExcerpt,
    away: () => document.getElementById("conversation").focus({ preventScroll: true }),
    seen: () => conversation.newest,
    typing: () => presence?.typed(),
    reveal: () => (desk.dataset.pane = "ticket"),
  });
  line = new Line(`/ws/tickets/${ticket}/`, {
    event: heard,
    state: (state) => composer?.draft.poll(state === "ready"),
    opened: (again) => {
      presence.arrive();
      deliveries.sending.again();
      // Whatever was said before the line stood is not repeated.
      if (again) refresh("conversation", "header", "timeline", "context", "draft");
      else if (!composer.draft.loaded || composer.draft.active || !composer.draft.draft) composer.draft.load();
    },
  });
  presence = new Presence(desk.dataset.user, { say: (what) => line?.say(what), show: showOthers });
  showMacKeys(pane);
  refreshAges();
  deliveries.mounted(ticket, composer);
}

function showOthers(words, typing) {
  const place = document.getElementById("presence");
  if (!place || place.textContent === words) return;
  place.textContent = words;
  place.title = words;
  place.classList.toggle("is-typing", typing);
}

function focusTitle() {
  document.getElementById("ticket-title")?.focus({ preventScroll: true });
}

function backToQueue({ push = true } = {}) {
  desk.dataset.pane = "queue";
  if (push) history.pushState({}, "", `/desk/${queue.search()}`);
  const row = document.querySelector(`#row-${current()} a`) || document.querySelector("#rows a");
  row?.focus({ preventScroll: true });
}

window.addEventListener("popstate", () => {
  const ticket = location.pathname.match(/^\/desk\/(\d+)\//)?.[1];
  const wanted = new URLSearchParams(location.search);
  if ((wanted.get("view") ?? queue.view) !== queue.view || (wanted.get("q") ?? "") !== queue.query) goToView(location.search, "");
  if (ticket) openTicket(ticket, { push: false });
  else backToQueue({ push: false });
});

// --- live news ---------------------------------------------------------------------------

function heard(event) {
  if (event.type === "ticket.changed") refresh(...event.parts);
  else if (event.type === "presence") presence?.heard(event);
  else if (event.type?.startsWith("draft.")) {
    composer?.draft.heard(event);
    if (event.type === "draft.changed") sourcesSoon();
  }
}

let sourcesTimer = 0;
function sourcesSoon() {
  clearTimeout(sourcesTimer);
  sourcesTimer = setTimeout(() => ["#sources", "#hits"].forEach((each) => trigger(each, "refresh-sources")), 150);
}

function refresh(...parts) {
  for (const part of parts) {
    if (part === "queue") queue.refreshSoon();
    else if (!current()) continue;
    else if (part === "conversation") conversation.refresh().then(tellNew, (error) => error.status && failed(error));
    else if (part === "draft") composer.draft.load(), sourcesSoon();
    else if (part === "context") trigger("#customer", "refresh-context"), sourcesSoon();
    else if (part === "header") trigger("#ticket-header", "refresh-header"), trigger("#customer", "refresh-header");
    else if (part === "timeline") trigger("#timeline", "refresh-timeline");
  }
}

function trigger(selector, name) {
  const element = document.querySelector(selector);
  if (element) window.htmx.trigger(element, name);
}

function tellNew(added) {
  if (added.some((message) => message.classList.contains("message-customer"))) announce("The customer has written.");
}

const inQueue = new QueuePresence(desk.dataset.user);
new Line("/ws/queue/", {
  event: (event) => {
    if (event.type === "queue.changed") queue.refreshSoon();
    else if (event.type === "presence") inQueue.heard(event);
  },
  state: (state) => {
    // "Not live": requests work, but what others do is not shown by itself. "Offline": this browser has no network.
    const words = { ready: "", "not-live": "not live, reconnecting…", offline: "offline: no network" };
    clearTimeout(lineState.timer);
    // A blink of the line is nobody's business; a lost network is known at once.
    lineState.timer = setTimeout(() => (lineState.textContent = words[state]), state === "not-live" ? 1200 : 0);
  },
  opened: (again) => again && queue.refreshSoon(),
});
const lineState = document.getElementById("line-state");

// --- actions -------------------------------------------------------------------------------------

async function act(path, fields, words = () => "") {
  try {
    const said = words(await post(`/desk/${current()}/${path}`, fields));
    refresh("header", "timeline", "queue");
    if (said) toast(said);
  } catch (error) {
    // Somebody was faster: the same again would be refused again.
    failed(error, error.status === 409 ? null : () => act(path, fields, words));
    refresh("header");
  }
}

async function assign(button = null) {
  const from = button || document.querySelector("[data-do='assign']");
  const chosen = await dialogs.choose("dialog-assign", "assign", from.dataset.assignee);
  if (chosen !== null) act("assign", { assignee: chosen, was: from.dataset.assignee }, ({ assignee }) => (assignee ? `Given to ${assignee}.` : "Back in the queue."));
}

async function reject() {
  if (!composer.canReject) return;
  const reason = await dialogs.choose("dialog-reject", "reason");
  if (reason) composer.reject(reason);
}

const afterMove = () => refresh("conversation", "header", "timeline", "queue");

const actions = {
  // A click of the mouse has a detail; one made by Enter or Space on the button has none.
  send: (button, event) => outgoing.send(composer, { key: event?.detail === 0 }),
  "call-back": () => deliveries.callBack(),
  "hand-over": () => dialogs.handOver(current(), afterMove),
  close: () => dialogs.closeAndTag(current(), composer.unsent, afterMove),
  assign,
  reject,
  again: () => composer.again(),
  insert: () => composer.insert(),
  stop: () => composer.stop(),
  context: () => drawer(desk.dataset.drawer !== "open"),
};

/** `how`: "push" or "replace" the address, "" leaves it. True if the queue shows it now. */
async function showView(search, how = "push") {
  if (!(await queue.show(search))) return false;
  if (how) history[`${how}State`]({}, "", `/desk/${current() ? `${current()}/` : ""}${queue.search()}`);
  const label = document.querySelector("#views [aria-current='true']")?.firstChild.textContent.trim();
  document.getElementById("crumb-view").textContent = queue.query ? "Search" : label;
  return true;
}

/** Not by typing: the field says what the queue shows, and the focus stays where the person was. */
async function goToView(search, how = "push") {
  const inside = queue.element.contains(document.activeElement);
  if (!(await showView(search, how))) return;
  live.follow();
  if (inside && !queue.element.contains(document.activeElement)) {
    queue.element.querySelector("#views [aria-current='true'], #views a").focus();
  }
}

const live = new LiveSearch(document.getElementById("search"), queue, (search, how) => {
  desk.dataset.pane = "queue";
  return showView(search, how);
});

document.addEventListener("click", (event) => {
  const target = event.target;
  const button = target.closest("[data-do]");
  if (button && button.getAttribute("aria-disabled") !== "true") return actions[button.dataset.do](button, event);
  if (target.closest("[data-back]")) return backToQueue();
  if (target.closest("[data-open-help]")) return help();
  if (target.closest("[data-close-excerpt]")) return closeExcerpt();
  const excerpt = target.closest("[data-excerpt]");
  if (excerpt) return toggleSource(excerpt);
  const undo = target.closest("[data-undo-send]");
  if (undo) return deliveries.undo(undo.dataset.undoSend, current());
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const link = plain && target.closest("a[data-open], a[data-view], #found a");
  if (link) {
    event.preventDefault();
    if (link.dataset.open) openTicket(link.dataset.open);
    else goToView(link.dataset.view ? `?view=${link.dataset.view}` : "");
    return;
  }
  // What a customer links to opens beside the desk, and learns nothing about it.
  const outside = target.closest(".message-body a[href]:not([download])");
  if (outside) {
    event.preventDefault();
    window.open(outside.href, "_blank", "noopener,noreferrer");
  }
});

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-post]");
  if (field) act(field.name, { [field.name]: field.value });
});

// --- keys -----------------------------------------------------------------------------------------

function move(step) {
  const next = queue.neighbour(step);
  if (next) openTicket(next);
  else announce(step > 0 ? "This is the last ticket." : "This is the first ticket.");
}

function help() {
  fillHelp(document.getElementById("key-list"), bindings);
  dialogs.open(document.getElementById("dialog-help"));
}

function escape(event) {
  if (event.target.id === "search" || event.target.id === "knowledge-search") return event.target.blur();
  if (excerptIsOpen()) return closeExcerpt();
  if (document.getElementById("going")?.hidden === false) return deliveries.callBack();
  if (composer?.canStop) return composer.stop();
  if (desk.dataset.drawer === "open") return drawer(false);
  if (typing(event.target)) focusTitle();
}

const hasTicket = () => Boolean(current() && composer && !wanted);
const noDialog = () => hasTicket() && !document.querySelector("dialog[open]");
/* Sending works from the composer and from where no text field has the focus. */
const maySend = (event) => noDialog() && (!typing(event.target) || event.target.closest("#composer"));

const bindings = [
  { group: "Answer", key: "Enter", mod: true, label: "Send, with the draft if untouched", when: maySend, run: () => outgoing.send(composer, { key: true }) },
  { group: "Answer", key: "r", label: "Reply", when: hasTicket, run: () => composer.show("reply") },
  { group: "Answer", key: "n", label: "Internal note", when: hasTicket, run: () => composer.show("note") },
  { group: "Answer", key: "e", mod: true, label: "Hand to a team", when: noDialog, run: actions["hand-over"] },
  { group: "Answer", key: "d", mod: true, label: "Close and tag", when: noDialog, run: actions.close },
  { group: "Draft", key: "i", label: "Insert the waiting draft", when: hasTicket, run: actions.insert },
  { group: "Draft", key: "g", label: "Write again", when: hasTicket, run: actions.again },
  { group: "Draft", key: "x", label: "Reject", when: hasTicket, run: reject },
  { group: "Queue", key: "j", label: "Next ticket", repeat: true, run: () => move(1) },
  { group: "Queue", key: "k", label: "Previous ticket", repeat: true, run: () => move(-1) },
  { group: "Queue", key: "o", label: "Open, or go to the conversation", run: openFocused },
  { group: "Queue", key: "a", label: "Assign", when: hasTicket, run: () => assign() },
  { group: "Everywhere", key: "/", label: "Search; ↓ goes to the list, Esc clears", run: () => document.getElementById("search").select() },
  { group: "Everywhere", key: "z", label: "Undo what was just done", run: undoNewest },
  { group: "Everywhere", key: "?", label: "This list", run: help },
  { group: "Everywhere", key: "Escape", label: "Stop the draft, close, leave the text", when: () => !document.querySelector("dialog[open]"), run: escape },
];

function openFocused() {
  const row = document.activeElement.closest?.("a[data-open]");
  if (row) openTicket(row.dataset.open);
  else if (current()) document.getElementById("conversation").focus();
  else move(1);
}

listen(bindings, singleKeys);
dialogs.startDialogs();
tidy();
mount();
deliveries.sending.resume();
addEventListener("online", () => deliveries.sending.again());
refreshAges();
