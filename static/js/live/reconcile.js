/* Update a list of children with ids without touching those that did not change, so that focus, scroll position,
   selection and opened details survive a live update. */

const sources = new WeakMap();

/** A node as the server sent it, without what scripts change: ages, styles, the current row, keys. */
function source(node) {
  return node.outerHTML
    .replace(/(<time\b[^>]*>)[^<]*/g, "$1")
    .replace(/ style="[^"]*"/g, "")
    .replace(/ aria-current="true"| row-gone|<kbd[^>]*>[^<]*<\/kbd>/g, "");
}

export function remember(list) {
  for (const child of list.children) if (!sources.has(child)) sources.set(child, source(child));
}

export function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

/** Make the children of `list` equal to `fresh` (elements with ids), in order. Returns the nodes that were added. */
export function reconcile(list, fresh) {
  remember(list);
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const home = focused && homeOf(list, focused);
  const old = new Map([...list.children].map((child) => [child.id, child]));
  const added = [];
  let at = list.firstElementChild;
  for (const node of fresh) {
    let here = old.get(node.id);
    if (here) {
      old.delete(node.id);
      if (here !== node) update(here, node);
    } else {
      here = node;
      sources.set(node, source(node));
      added.push(node);
    }
    if (here === at) at = at.nextElementSibling;
    else list.insertBefore(here, at);
  }
  for (const gone of old.values()) gone.remove();
  if (focused && document.activeElement !== focused) {
    (focused.isConnected ? focused : home())?.focus({ preventScroll: true });
  }
  for (const node of added) window.htmx?.process(node);
  return added;
}

const FOCUSABLE = "a, button, input, summary";

/** Finds what stands where `focused` stood in its child, or the first one that takes the focus; if the child is gone, in
    the one that followed it, or the one before. */
function homeOf(list, focused) {
  const children = [...list.children];
  const place = children.findIndex((each) => each.contains(focused));
  const child = children[place];
  const near = [...children.slice(place + 1), ...children.slice(0, place).reverse()];
  const at = [...child.querySelectorAll(FOCUSABLE)].indexOf(focused);
  return () => {
    const there = document.getElementById(child.id)?.querySelectorAll(FOCUSABLE) ?? [];
    const next = near.find((each) => each.isConnected && each.querySelector("a, button"));
    return there[at] ?? there[0] ?? next?.querySelector("a, button");
  };
}

function update(here, node) {
  const now = source(node);
  if (sources.get(here) === now) return;
  sources.set(here, now);
  const opened = [...here.querySelectorAll("details")].map((each) => each.open);
  for (const name of here.getAttributeNames()) if (!node.hasAttribute(name)) here.removeAttribute(name);
  for (const name of node.getAttributeNames()) here.setAttribute(name, node.getAttribute(name));
  here.replaceChildren(...node.cloneNode(true).childNodes); // `node` may be wanted again
  here.querySelectorAll("details").forEach((each, place) => (each.open = opened[place] ?? false));
  window.htmx?.process(here);
}
