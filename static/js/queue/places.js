/* Where the focus goes when the queue is replaced, which takes it away. */

const FILTER = "[data-do='filter']";
const ORDER = ".queue-options > summary";
const VIEWS = "#more-views > summary";
const TAB = "#views > [aria-current='true']";

export const filterButton = () => document.querySelector(FILTER);
export const optionsButton = () => document.querySelector(ORDER);

/** A function that finds the place for the focus after what `element` has started: the next chip after a chip, the button
    of its menu after an item. null if `element` is not in the queue. */
export function placeAfter(queue, element) {
  if (!queue.contains(element)) return null;
  if (element.matches(".chip-filter")) return nextChip(queue, element);
  if (element.closest("#conditions")) return () => queue.querySelector(FILTER);
  if (element.closest(".queue-options")) return () => queue.querySelector(ORDER);
  if (element.closest("#more-views")) return () => queue.querySelector(VIEWS);
  const row = element.closest(".row")?.id;
  return () => (row && queue.querySelector(`#${row} a`)) || tab(queue);
}

/** The same for a queue that is fetched again: the same element, if it is still there. */
export function samePlace(queue, element) {
  if (!queue.contains(element)) return null;
  const selector = named(element);
  const other = placeAfter(queue, element);
  // The same action may also stand in a menu that is closed.
  const seen = () => [...queue.querySelectorAll(selector)].find((each) => each.checkVisibility());
  return () => (selector && seen()) || other();
}

/** Nothing has the focus: what had it is gone. */
export function lost() {
  return !document.activeElement || document.activeElement === document.body;
}

function nextChip(queue, chip) {
  const chips = () => [...queue.querySelectorAll(".chip-filter")];
  const at = chips().indexOf(chip);
  return () => chips()[at] ?? chips().at(-1) ?? queue.querySelector(FILTER);
}

function tab(queue) {
  return queue.querySelector(TAB) ?? queue.querySelector(VIEWS);
}

function named(element) {
  if (element.matches(VIEWS)) return VIEWS;
  if (element.matches(ORDER)) return ORDER;
  const { do: does, view } = element.dataset;
  if (does) return `[data-do="${does}"]`;
  if (view) return `[data-view="${CSS.escape(view)}"]:not(#rows)`;
  const address = element.getAttribute("href");
  return address && `a[href="${CSS.escape(address)}"]`;
}
