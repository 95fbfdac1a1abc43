/* The summary of a long conversation, in the context pane. The server shows what is kept, or quotes; then the model is
   asked for a summary, unless the agent goes on to another ticket first. Each line leads to its message. */

import { postLines } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { drawer } from "./context.js";
import { whenSettled } from "./settling.js";
import { arrange, inOrder, key, merged } from "./summary_lines.js";

const FOUND = 2000; // milliseconds that the message is marked to which a line leads

/** Watch the summary in `pane` until `signal` ends it. `look()` of the result: the conversation may have changed. */
export function watchSummary(pane, signal) {
  const watched = new ThreadSummary(pane);
  const on = (name, take) => pane.addEventListener(name, take, { signal });
  on("htmx:beforeSwap", ({ target }) => target.id === "summary" && watched.leaving(target));
  on("htmx:afterSwap", ({ target }) => target.id === "summary" && watched.arrived(target));
  on("click", (event) => followed(event));
  signal.addEventListener("abort", () => watched.stop());
  return watched;
}

class ThreadSummary {
  constructor(pane) {
    Object.assign(this, { pane, read: messages(), inside: false, giveUp: () => {}, request: null });
  }

  look() {
    const now = messages();
    if (now === this.read) return;
    this.read = now;
    const panel = this.pane.querySelector("#summary");
    if (panel) window.htmx.trigger(panel, "refresh-summary");
  }

  leaving(panel) {
    this.inside = panel.contains(document.activeElement);
  }

  arrived(panel) {
    this.stop();
    const box = panel.querySelector("#summary-lines");
    if (this.inside && !panel.contains(document.activeElement)) box?.focus({ preventScroll: true });
    if (box?.dataset.stream) this.giveUp = whenSettled(() => this.write(box, panel.querySelector("[data-state]")));
  }

  stop() {
    this.giveUp();
    this.request?.abort();
    this.request = null;
  }

  async write(box, state) {
    const request = (this.request = new AbortController());
    const quotes = linesIn(box);
    const came = [];
    let end = null;
    const take = (line) => {
      if (request.signal.aborted) return;
      if (line.done) {
        end = line;
        return;
      }
      came.push(line);
      show(box, merged(quotes, came));
    };
    state.textContent = gettext("Quoted from the messages. The copilot is reading the messages …");
    try {
      await postLines(box.dataset.stream, {}, take, request.signal);
    } catch (error) {
      end = { why: error.message };
    }
    if (request.signal.aborted) return;
    const done = Boolean(end) && !end.why;
    show(box, done ? inOrder(came) : quotes);
    state.textContent = ending(done && came.some(({ written }) => written), end?.why);
  }
}

function ending(byModel, why) {
  if (why) return gettext("Quoted from the messages. %(why)s", { why });
  return byModel ? gettext("Written by AI where the messages support it, otherwise quoted.") : gettext("Quoted from the messages.");
}

/** Which messages a summary is made of now: not packages, nor replies that were undone (copilot/summaries/thread.py). */
function messages() {
  const all = [...document.querySelectorAll("#messages > .message")];
  return all.filter((each) => !each.querySelector(".handoff, .delivery-undone")).map((each) => each.id).join(" ");
}

// --- lines -------------------------------------------------------------------------------------------

function linesIn(box) {
  return [...box.querySelectorAll("[data-about] li")].map(lineIn);
}

/** Its text is without the mark that a model wrote it. */
function lineIn(item) {
  const link = item.querySelector("a");
  return {
    about: item.closest("[data-about]").dataset.about,
    text: link.querySelector("[data-text]").textContent,
    messages: link.dataset.messages.split(" ").map(Number),
    written: Boolean(link.querySelector(".summary-ai")),
  };
}

function show(box, lines) {
  const focused = box.contains(document.activeElement) ? document.activeElement : null;
  for (const section of box.querySelectorAll("[data-about]")) {
    const own = lines.filter(({ about }) => about === section.dataset.about);
    section.hidden = own.length === 0;
    fill(section.querySelector("ul"), own, box.parentElement.querySelector("[data-line]"));
  }
  if (focused && document.activeElement !== focused) (focused.isConnected ? focused : box).focus({ preventScroll: true });
}

/** What is there already stays as it is. */
function fill(list, lines, blank) {
  const there = new Map([...list.children].map((item) => [key(lineIn(item)), item]));
  const items = lines.map((line) => {
    const old = there.get(key(line));
    there.delete(key(line)); // the same may have been said twice
    return old ?? made(line, blank);
  });
  arrange(list, items);
}

function made({ text, messages: ids, written }, blank) {
  const item = blank.content.firstElementChild.cloneNode(true);
  const link = item.querySelector("a");
  const said = link.querySelector("[data-text]");
  said.textContent = text;
  link.href = `#message-${ids[0]}`;
  link.dataset.messages = ids.join(" ");
  if (!written) link.replaceChildren(said);
  return item;
}

// --- messages ----------------------------------------------------------------------------------------

let marked = null;
let unmark = 0;

/** A line was pressed: to its message. With a modifier key it is a link as any other. */
function followed(event) {
  const link = event.target.closest("#summary-lines a");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const message = document.getElementById(link.hash.slice(1));
  if (!message) return;
  drawer(false);
  message.tabIndex = -1;
  message.scrollIntoView({ block: "start" });
  message.focus({ preventScroll: true });
  mark(message);
}

function mark(message) {
  clearTimeout(unmark);
  marked?.classList.remove("message-found");
  marked = message;
  message.classList.add("message-found");
  unmark = setTimeout(() => message.classList.remove("message-found"), FOUND);
}
