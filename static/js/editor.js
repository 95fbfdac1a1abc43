/* The text field of the composer: plain text with citation chips. `read` and `write` are each
   other's reverse: a chip is "[n]" in text. */

import { pieces } from "./drafttext.js";

export function prepare(editor) {
  try {
    editor.contentEditable = "plaintext-only";
  } catch {
    // Older browsers: plain text by hand.
    editor.addEventListener("paste", (event) => {
      event.preventDefault();
      document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
    });
  }
  editor.addEventListener("copy", (event) => copy(event));
  editor.addEventListener("cut", (event) => {
    copy(event);
    document.execCommand("delete");
  });
}

/* Copied chips keep their meaning: "[1]", not "1". */
function copy(event) {
  const selection = getSelection();
  if (selection.isCollapsed) return;
  const holder = document.createElement("div");
  holder.append(selection.getRangeAt(0).cloneContents());
  event.clipboardData.setData("text/plain", read(holder));
  event.preventDefault();
}

export function read(node) {
  let text = "";
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) text += child.data;
    else if (child.dataset?.cite) text += `[${child.dataset.cite}]`;
    else if (child.nodeName === "BR") text += "\n";
    else if (child.nodeType === Node.ELEMENT_NODE) {
      // A browser that makes blocks on Enter.
      if (text && !text.endsWith("\n") && /^(DIV|P)$/.test(child.nodeName)) text += "\n";
      text += read(child);
    }
  }
  return text.replaceAll("\u00a0", " ");
}

function chip(number, citations) {
  const made = document.createElement("span");
  const source = citations.find((each) => each.number === number);
  made.className = "cite";
  made.contentEditable = "false";
  made.dataset.cite = number;
  made.textContent = number;
  made.tabIndex = 0;
  made.setAttribute("role", "button");
  made.setAttribute("aria-label", `Source ${number}${source ? `: ${source.title}` : ""}`);
  if (source) made.title = [source.title, source.heading_path].filter(Boolean).join(" · ");
  return made;
}

export function fragment(text, citations) {
  const made = document.createDocumentFragment();
  const numbers = citations.length ? citations.map((each) => each.number) : null;
  for (const piece of pieces(text, numbers)) {
    if (piece.cite) made.append(chip(piece.cite, citations));
    else made.append(piece.text);
  }
  return made;
}

export function write(editor, text, citations = []) {
  editor.replaceChildren(fragment(text, citations));
  editor.normalize();
}

/** Streaming: only the end is touched, the text above keeps still. */
export function append(editor, text, citations = []) {
  const last = editor.lastChild;
  for (const node of [...fragment(text, citations).childNodes]) {
    if (node.nodeType === Node.TEXT_NODE && last === editor.lastChild && last?.nodeType === Node.TEXT_NODE) {
      last.appendData(node.data);
    } else {
      editor.append(node);
    }
  }
}

/** At the caret if it is in the editor, else at the end, with a line between. */
export function insert(editor, text, citations = []) {
  const selection = getSelection();
  const made = fragment(text, citations);
  if (selection.rangeCount && editor.contains(selection.anchorNode) && document.activeElement === editor) {
    const range = selection.getRangeAt(0);
    range.deleteContents();
    range.insertNode(made);
    range.collapse(false);
  } else {
    const before = read(editor).trimEnd();
    if (before) editor.append(before === read(editor) ? "\n\n" : "\n");
    editor.append(made);
  }
}

export function caretToEnd(editor) {
  editor.focus({ preventScroll: true });
  const selection = getSelection();
  selection.selectAllChildren(editor);
  selection.collapseToEnd();
}

/** Backspace and Delete take a whole chip; browsers differ on elements that cannot be edited. */
export function deletedChip(editor, inputType) {
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
