// The toolbar above the text. Each button has a word, and its key beside it.

import { gettext } from "../page/texts.js";
import { edit } from "./markdown_edit.js";
import { replace } from "./article_posting.js";

const BUTTONS = [
  ["bold", gettext("Bold"), "B"],
  ["italic", gettext("Italic"), "I"],
  ["heading", gettext("Heading"), ""],
  ["list", gettext("List"), ""],
  ["link", gettext("Link"), "K"],
  ["code", gettext("Code"), ""],
];
const KEYS = { b: "bold", i: "italic", k: "link" };
const MAC = /Mac|iP(hone|ad|od)/.test(navigator.platform);

export function startToolbar(textarea, frame) {
  const bar = document.createElement("div");
  bar.className = "kb-toolbar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", gettext("Formatting"));
  bar.setAttribute("aria-controls", textarea.id);
  const act = (kind) => {
    const { from, to, text, first, last } = edit(kind, textarea.value, textarea.selectionStart, textarea.selectionEnd);
    replace(textarea, from, to, text, first, last);
  };
  for (const [kind, words, key] of BUTTONS) bar.append(button(kind, words, key, act));
  roveFocus(bar);
  frame.prepend(bar);
  textarea.addEventListener("keydown", (event) => {
    const main = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    const kind = KEYS[event.key.toLowerCase()];
    // Not AltGr, which is Ctrl+Alt on Windows, and not while a character is being composed.
    if (!main || event.altKey || event.shiftKey || event.isComposing || !kind) return;
    event.preventDefault();
    act(kind);
  });
}

function button(kind, words, key, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `kb-tool kb-tool-${kind}`;
  made.textContent = words;
  if (key) {
    const shown = document.createElement("kbd");
    shown.textContent = MAC ? `⌘${key}` : gettext("Ctrl %(key)s", { key });
    shown.setAttribute("aria-hidden", "true");
    made.append(" ", shown);
    made.setAttribute("aria-keyshortcuts", `${MAC ? "Meta" : "Control"}+${key}`);
  }
  made.addEventListener("click", () => act(kind));
  return made;
}

// The Tab key stops once at the toolbar; arrow keys move inside it (WAI-ARIA toolbar pattern).
function roveFocus(bar) {
  const all = () => [...bar.querySelectorAll("button")];
  all().forEach((each, place) => { each.tabIndex = place ? -1 : 0; });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const found = all();
    const next = found[(found.indexOf(document.activeElement) + step + found.length) % found.length];
    found.forEach((each) => { each.tabIndex = each === next ? 0 : -1; });
    next.focus();
    event.preventDefault();
  });
}
