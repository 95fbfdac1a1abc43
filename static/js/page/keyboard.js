/* Keyboard shortcuts: exact modifiers, only where they apply, none while an input method composes characters. */

import { gettext } from "./texts.js";

export const MAC = /Mac|iPhone|iPad/.test(navigator.userAgentData?.platform || navigator.platform || "");

/** A Mac shows ⌘ where others show Ctrl. */
export function showMacKeys(root) {
  if (!MAC) return;
  for (const key of root.querySelectorAll?.("kbd") ?? []) key.textContent = key.textContent.replace(`${gettext("Ctrl")} `, "⌘");
}

/** In a text field. The field of a dialog that has just closed keeps the focus until the browser draws again. */
export function typing(target) {
  if (target.checkVisibility?.() === false) return false;
  return Boolean(target.closest?.('input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable]:not([contenteditable="false"])')) ||
    Boolean(target.isContentEditable);
}

/** The main modifier and no other. On a Mac that is ⌘: Ctrl+E and Ctrl+D move the caret in text fields there. */
export function mainModifier(event, mac = MAC) {
  if (event.shiftKey || event.altKey || event.getModifierState?.("AltGraph")) return false;
  return mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
}

export function bare(event) {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.getModifierState?.("AltGraph");
}

export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/**
 * `bindings`: [{key, mod, label, group, when, run, repeat}]. `mod` ones work while typing.
 * `enabled()` says whether single-key shortcuts are on.
 */
export function listen(bindings, enabled) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || composing(event)) return;
    const binding = bindings.find((each) => matches(each, event));
    if (!binding || (event.repeat && !binding.repeat)) return;
    if (!binding.mod && binding.key !== "Escape") {
      if (!enabled() || typing(event.target) || document.querySelector("dialog[open]")) return;
    }
    if (binding.when && !binding.when(event)) return;
    event.preventDefault();
    binding.run(event);
  });
}

const SIGN = /^[^\p{L}\p{N}]$/u;

/** Is this the key of the binding? Signs need Shift on some keyboards; letters, Enter and Escape must not have it. */
export function matches(binding, event, mac = MAC) {
  if (binding.mod) return mainModifier(event, mac) && event.key.toLowerCase() === binding.key.toLowerCase();
  if (event.key !== binding.key || !bare(event)) return false;
  return !event.shiftKey || SIGN.test(binding.key);
}

/** The list under "?" is made from the bindings themselves, so it is always complete. */
export function fillHelp(place, bindings) {
  if (place.childElementCount) return;
  const groups = Map.groupBy ? Map.groupBy(bindings, (each) => each.group) : groupBy(bindings);
  for (const [name, members] of groups) {
    const section = document.createElement("section");
    const title = document.createElement("h3");
    const list = document.createElement("dl");
    title.textContent = name;
    for (const { mod, key, label, shown } of members) {
      const term = document.createElement("dt");
      const keys = document.createElement("dd");
      const cap = document.createElement("kbd");
      term.textContent = label;
      cap.textContent = shown || (mod ? `${MAC ? "⌘" : `${gettext("Ctrl")} `}${key === "Enter" ? "⏎" : key.toUpperCase()}` : key === "Escape" ? "Esc" : key);
      keys.append(cap);
      list.append(term, keys);
    }
    section.append(title, list);
    place.append(section);
  }
}

function groupBy(bindings) {
  const groups = new Map();
  for (const each of bindings) groups.set(each.group, [...(groups.get(each.group) || []), each]);
  return groups;
}
