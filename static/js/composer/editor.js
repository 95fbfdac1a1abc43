/* The text field of the composer: plain text, with chips for a draft's citations. `read` and `write` are each other's
   reverse: a chip is a mark of the doc (written.js); a "[1]" that somebody typed is text. */

import { gettext } from "../page/texts.js";
import { joined, parts, plain } from "./written.js";

const OURS = "text/x-copydesk"; // text of a composer on the clipboard, with its chips

export function prepare(editor, changed) {
  try {
    editor.contentEditable = "plaintext-only";
  } catch {
    editor.contentEditable = "true"; // older browsers: `paste` below keeps it plain text
  }
  editor.addEventListener("copy", (event) => copy(editor, event));
  editor.addEventListener("cut", (event) => {
    if (copy(editor, event)) document.execCommand("delete");
  });
  editor.addEventListener("paste", (event) => paste(editor, event) && changed());
  editor.addEventListener("beforeinput", (event) => {
    const chip = deletedChip(editor, event.inputType);
    if (!chip) return;
    event.preventDefault();
    chip.remove();
    changed();
  });
}

/* Chips mean nothing elsewhere, so the plain text has none; pasted into the same ticket's composer they stay chips. */
function copy(editor, event) {
  const selection = getSelection();
  if (selection.isCollapsed) return false;
  const holder = document.createElement("div");
  holder.append(selection.getRangeAt(0).cloneContents());
  const doc = read(holder);
  event.clipboardData.setData("text/plain", plain(doc));
  event.clipboardData.setData(OURS, JSON.stringify({ home: home(editor), doc }));
  event.preventDefault();
  return true;
}

function paste(editor, event) {
  const ours = event.clipboardData.getData(OURS);
  const { home: from, doc } = ours ? JSON.parse(ours) : {};
  if (from === home(editor) && doc.marks.length) {
    event.preventDefault();
    insert(editor, doc);
    return true;
  }
  if (editor.contentEditable === "plaintext-only") return false;
  event.preventDefault();
  document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  return false; // the browser itself fires an input event for this one
}

const home = (editor) => `${editor.closest("#composer")?.dataset.ticket}:${editor.getAttribute("aria-label")}`;

function partsOf(node) {
  const found = [];
  let text = "";
  const flush = () => text && found.push({ text: text.replaceAll("\u00a0", " ") }) && (text = "");
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) text += child.data;
    else if (child.dataset?.cite) {
      flush();
      found.push({ cite: Number(child.dataset.cite), draft: Number(child.dataset.draft) });
    } else if (child.nodeName === "BR") text += "\n";
    else if (child.nodeType === Node.ELEMENT_NODE) {
      // Some browsers make blocks on Enter.
      if ((text || found.length) && !text.endsWith("\n") && /^(DIV|P)$/.test(child.nodeName)) text += "\n";
      flush();
      found.push(...partsOf(child));
    }
  }
  flush();
  return found;
}

export function read(node) {
  return joined(partsOf(node));
}

function chip({ cite: number, draft }, citations) {
  const made = document.createElement("span");
  const source = citations.find((each) => each.number === number);
  made.className = "cite";
  made.contentEditable = "false";
  made.dataset.cite = number;
  made.dataset.draft = draft;
  made.textContent = number;
  made.tabIndex = 0;
  made.setAttribute("role", "button");
  made.setAttribute("aria-label", source ? gettext("Source %(number)s: %(title)s", { number, title: source.title }) : gettext("Source %(number)s", { number }));
  if (source) made.title = [source.title, source.heading_path].filter(Boolean).join(" · ");
  return made;
}

export function fragment(doc, citations) {
  const made = document.createDocumentFragment();
  for (const part of parts(doc)) made.append(part.cite ? chip(part, citations) : part.text);
  return made;
}

export function write(editor, doc, citations = []) {
  editor.replaceChildren(fragment(doc, citations));
  editor.normalize();
}

/** Streaming: only the end changes, the text above does not move. */
export function append(editor, doc, citations = []) {
  const last = editor.lastChild;
  for (const node of [...fragment(doc, citations).childNodes]) {
    if (node.nodeType === Node.TEXT_NODE && last === editor.lastChild && last?.nodeType === Node.TEXT_NODE) {
      last.appendData(node.data);
    } else {
      editor.append(node);
    }
  }
}

/** At the caret if it is in the editor, else at the end after an empty line. */
export function insert(editor, doc, citations = []) {
  const selection = getSelection();
  const made = fragment(doc, citations);
  if (selection.rangeCount && editor.contains(selection.anchorNode) && document.activeElement === editor) {
    const range = selection.getRangeAt(0);
    range.deleteContents();
    range.insertNode(made);
    range.collapse(false);
  } else {
    const { text } = read(editor);
    const before = text.trimEnd();
    if (before) editor.append(before === text ? "\n\n" : "\n");
    editor.append(made);
  }
}

export function caretToEnd(editor) {
  editor.focus({ preventScroll: true });
  const selection = getSelection();
  selection.selectAllChildren(editor);
  selection.collapseToEnd();
}

/** The chip that Backspace or Delete removes; browsers differ on elements that cannot be edited. */
function deletedChip(editor, inputType) {
  const selection = getSelection();
  if (!selection.isCollapsed || !editor.contains(selection.anchorNode)) return null;
  const back = inputType === "deleteContentBackward";
  if (!back && inputType !== "deleteContentForward") return null;
  const { anchorNode: node, anchorOffset: offset } = selection;
  let near = null;
  if (node === editor) near = editor.childNodes[back ? offset - 1 : offset];
  else if (node.nodeType === Node.TEXT_NODE && (back ? offset === 0 : offset === node.length)) {
    near = back ? node.previousSibling : node.nextSibling;
  }
  return near?.dataset?.cite ? near : null;
}

/** Where character `at` of the doc stands: [node, offset]. */
function place(editor, at) {
  let left = at;
  for (const node of editor.childNodes) {
    const text = node.nodeType === Node.TEXT_NODE;
    const length = text ? node.length : read({ childNodes: [node] }).text.length;
    if (left <= length) return text ? [node, left] : [editor, [...editor.childNodes].indexOf(node) + (left ? 1 : 0)];
    left -= length;
  }
  return [editor, editor.childNodes.length];
}

/** Mark `passages` ([[start, end]]) by a CSS highlight: the text itself stays plain. */
export function paint(editor, name, passages) {
  if (!globalThis.CSS?.highlights) return;
  const ranges = passages.map(([start, end]) => {
    const range = new Range();
    range.setStart(...place(editor, start));
    range.setEnd(...place(editor, end));
    return range;
  });
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
  else CSS.highlights.delete(name);
}

/** Select these characters of the doc. */
export function select(editor, start, end) {
  editor.focus({ preventScroll: true });
  const [from, to] = [place(editor, start), place(editor, end)];
  getSelection().setBaseAndExtent(...from, ...to);
  from[0].parentElement?.scrollIntoView({ block: "nearest" });
}

/** Where in the doc the caret stands, null if it is elsewhere. */
export function caret(editor) {
  const { focusNode: node, focusOffset: offset } = getSelection();
  return node && editor.contains(node) ? lengthTo(editor, node, offset) : null;
}

/** Put the caret before character `at` of the doc. */
export function caretAt(editor, at) {
  getSelection().collapse(...place(editor, at));
}

/** What is selected of the doc, as [start, end]; null if nothing is. */
export function selected(editor) {
  const selection = getSelection();
  if (selection.isCollapsed || !editor.contains(selection.anchorNode) || !editor.contains(selection.focusNode)) return null;
  const range = selection.getRangeAt(0);
  return [lengthTo(editor, range.startContainer, range.startOffset), lengthTo(editor, range.endContainer, range.endOffset)];
}

function lengthTo(editor, node, offset) {
  const range = new Range();
  range.selectNodeContents(editor);
  range.setEnd(node, offset);
  return read(range.cloneContents()).text.length;
}
