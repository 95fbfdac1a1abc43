/* A live refresh of what stands around the rows of the queue. What is being used is left as it is. */

/** `here`: the queue of the page; `fresh`: the same as the server shows it now. */
export function renewBars(here, fresh) {
  const views = here.querySelector("#views");
  renewTexts(here, fresh);
  renew(views, fresh.querySelector("#views"));
  renew(here.querySelector(".queue-bar"), fresh.querySelector(".queue-bar"));
  renewConditions(here, fresh);
  renewIndexing(here, fresh.querySelector("#indexing"));
}

/** The numbers, as far as they leave the rows where they are: a line more above them would move them all. Nothing is
    taken out of `fresh`. */
export function renewStill(here, fresh) {
  const shown = [...here.querySelectorAll(TEXTS)].map((part) => [part, part.textContent]);
  const place = () => here.querySelector(".rows-frame").getBoundingClientRect().top;
  const was = place();
  renewTexts(here, fresh);
  if (place() !== was) for (const [part, text] of shown) part.textContent = text;
}

const TEXTS = "#views [data-view] .count:not([data-number]), #found > span, #indexing";

function renewTexts(here, fresh) {
  copyCounts(here.querySelector("#views"), fresh);
  for (const part of ["#found > span", "#indexing"]) {
    const [shown, now] = [here.querySelector(part), fresh.querySelector(part)];
    if (shown && now && shown.textContent !== now.textContent) shown.textContent = now.textContent;
  }
}

function renewIndexing(here, now) {
  const shown = here.querySelector("#indexing");
  if (shown && !now) shown.remove();
  else if (now && !shown) here.querySelector("#found")?.after(now);
}

/** What `#rows` says about the list. */
export function renewData(rows, fresh) {
  for (const name of Object.keys(rows.dataset)) if (!(name in fresh.dataset)) delete rows.dataset[name];
  Object.assign(rows.dataset, fresh.dataset);
}

/* Being pressed counts: a click on what is replaced meanwhile would be lost, and not every browser gives the focus to
   what is pressed. */
const USED = ":active, :has(:active), :has(details[open])";
const used = (part) => part.matches(USED) || part.contains(document.activeElement);

function renew(part, fresh) {
  if (!used(part) && !withoutNumbers(part).isEqualNode(withoutNumbers(fresh))) part.replaceChildren(...fresh.childNodes);
}

/* The numbers change often, and those of the menu are only in the page. */
function withoutNumbers(part) {
  const copy = part.cloneNode(true);
  for (const count of copy.querySelectorAll("[data-view] .count")) count.textContent = "";
  return copy;
}

function copyCounts(views, fresh) {
  for (const link of fresh.querySelectorAll("#views [data-view]")) {
    const here = views.querySelector(`[data-view="${link.dataset.view}"] .count:not([data-number])`);
    if (here) here.textContent = link.querySelector(".count").textContent;
  }
}

/* What was left out of the address is said once: the server no longer knows of it, so it stays. */
function renewConditions(here, fresh) {
  const [shown, now] = [here.querySelector("#conditions"), fresh.querySelector("#conditions")];
  if (!shown) return void (now && here.querySelector(".queue-bar").after(now));
  if (used(shown)) return;
  const parts = [...shown.querySelectorAll(".chip-warn"), ...(now?.querySelectorAll(":scope > :not(.chip-warn)") ?? [])];
  if (!parts.length) shown.remove();
  else if (!sameNodes(parts, [...shown.children])) shown.replaceChildren(...parts);
}

const sameNodes = (some, others) => some.length === others.length && some.every((each, at) => each.isEqualNode(others[at]));
