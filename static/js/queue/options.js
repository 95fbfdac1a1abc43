/* The menus of the queue: its views, and what its rows show. */

import { openFetched } from "../dialogs/fetched.js";
import { post } from "../page/http.js";
import { composing } from "../page/keyboard.js";
import { gettext } from "../page/texts.js";
import { failed } from "../page/toast.js";
import { place } from "./menu_keys.js";
import { lost, optionsButton } from "./places.js";

/** The menu of all views opens, with the focus on the one that is shown. */
export function openViews(router) {
  router.show("queue");
  const menu = document.getElementById("more-views");
  menu.open = true;
  (menu.querySelector("[aria-current='true']") ?? menu.querySelector("a")).focus();
}

export async function chooseRows(queue) {
  closeMenus();
  const dialog = document.getElementById("dialog-rows");
  const again = () => chooseRows(queue);
  const asked = { title: gettext("What rows show"), url: "/desk/queue/rows", again, place: optionsButton };
  if (!(await openFetched(dialog, asked))) return;
  const form = document.getElementById("rows-form");
  const error = document.getElementById("rows-error");
  const refused = ({ message }) => Object.assign(error, { textContent: message, hidden: false });
  form.querySelector("input").focus({ focusVisible: true });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.hidden = true;
    const say = (failure) => (form.isConnected ? refused(failure) : failed(failure));
    const done = await sendOnce(form, () => post("/desk/queue/rows", new FormData(form)), say);
    if (!done) return;
    if (form.isConnected) dialog.close();
    queue.refresh();
  });
}

/** Sends a form, but not a second time while the answer is awaited. True if it was accepted. */
export async function sendOnce(form, send, refused) {
  const button = form.querySelector("[type='submit']");
  if (button.disabled) return false;
  button.disabled = true;
  try {
    await send();
    return true;
  } catch (error) {
    refused(error);
    return false;
  } finally {
    button.disabled = false;
    if (lost()) button.focus();
  }
}

/** The focus stays on the button of a menu that was open. */
export function closeMenus() {
  for (const menu of document.querySelectorAll("#queue details[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
}

/* The item that shows this key. */
function byItsKey(menu, key) {
  if (document.getElementById("desk").dataset.singleKeys !== "on") return null;
  return menu.querySelector(`.menu-body [aria-keyshortcuts="${CSS.escape(key)}"]`);
}

/** Arrows, Home, End and letters move through an open menu (base.js closes it with Escape). A letter is no shortcut then. */
export function moveInMenu(event) {
  const menu = event.target.closest?.("#queue details[open]");
  if (!menu || composing(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const meant = byItsKey(menu, event.key);
  if (meant) {
    event.preventDefault();
    event.stopPropagation();
    return meant.click();
  }
  const items = [...menu.querySelectorAll(".menu-body a, .menu-body button")];
  const names = items.map((item) => item.textContent);
  const next = place(names, items.indexOf(document.activeElement), event.key);
  if (next === null) return;
  items[next]?.focus();
  event.preventDefault();
  event.stopPropagation();
}
