/* Views that members save: a name and an audience for the filters and the order that are shown. */

import { closeTo } from "../dialogs/dialog.js";
import { openFetched } from "../dialogs/fetched.js";
import { post } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { failed, toast } from "../page/toast.js";
import { closeMenus, sendOnce } from "./options.js";
import { filterButton, optionsButton } from "./places.js";

const GONE = gettext("This view is gone, or no longer shared with you.");

const changed = (name) => gettext("The view “%(name)s” is changed.", { name });

export async function save(router) {
  const shown = router.queue.search(); // also if the queue shows something else by the time the name is typed
  const asked = { title: gettext("Save as a view"), url: `/desk/views/form${shown}`, again: () => save(router) };
  const send = (fields) => post("/desk/views/", { ...fields, address: shown.slice(1) });
  await ask(asked, send, ({ name }, { view }) => {
    const text = gettext("The view “%(name)s” is saved.", { name });
    return showAndSay(router, `?view=${view}`, { text, place: optionsButton });
  });
}

export async function rename(router) {
  const { queue } = router;
  const { saved, view } = queue.rows.dataset;
  const url = `/desk/views/${saved}/form`;
  const asked = { title: gettext("Rename or share this view"), url, again: () => rename(router), gone: GONE };
  const send = async (fields) => {
    await sendChange(queue, view, `/desk/views/${saved}/`, fields);
    await queue.refresh();
  };
  await ask(asked, send, ({ name }) => toast(changed(name)));
}

let updating = false; // a second time it would change the view to what it is, and Undo would be lost

/** The view has the filters and the order that are shown from now on. */
export async function update(router) {
  if (updating) return;
  updating = true;
  const { queue } = router;
  const { saved, view, address } = queue.rows.dataset;
  try {
    const { name, before } = await sendChange(queue, view, `/desk/views/${saved}/filters`, { address });
    const own = `?view=${view}`;
    const action = { label: gettext("Undo"), run: () => undo(router, { saved, view, before, address }) };
    await showAndSay(router, own, { text: changed(name), how: "replace", place: filterButton, action });
  } catch (error) {
    failed(error);
  } finally {
    updating = false;
  }
}

/* If just the view is shown, the queue shows what it did before, again as a change of the view. Filters that were chosen
   since stay. */
async function undo(router, { saved, view, before, address }) {
  const { queue } = router;
  try {
    const { name } = await sendChange(queue, view, `/desk/views/${saved}/filters`, { address: before });
    const text = gettext("The view “%(name)s” is as it was before.", { name });
    if (queue.search() === `?view=${view}`) return await showAndSay(router, `?${address}`, { text, how: "replace" });
    toast(text);
    queue.refresh();
  } catch (error) {
    failed(error);
  }
}

export async function remove(router) {
  closeMenus();
  const { queue } = router;
  const { saved, view, name } = queue.rows.dataset;
  try {
    await sendChange(queue, view, `/desk/views/${saved}/remove`);
    const text = gettext("The view “%(name)s” is removed.", { name });
    const action = { label: gettext("Undo"), run: () => putBack(router, saved) };
    await showAndSay(router, "?view=open", { text, place: optionsButton, action });
  } catch (error) {
    failed(error);
  }
}

async function putBack(router, saved) {
  try {
    const { view, name } = await post(`/desk/views/${saved}/put-back`);
    await showAndSay(router, `?view=${view}`, { text: gettext("The view “%(name)s” is back.", { name }) });
  } catch (error) {
    failed(error);
  }
}

/* A change of a view. One that is gone is said to be so, and the list that comes instead need not say it again. */
async function sendChange(queue, view, url, fields) {
  try {
    return await queue.own.during(view, () => post(url, fields));
  } catch (error) {
    if (error.status === 404) error.message = GONE;
    if ([404, 409].includes(error.status)) {
      queue.own.known(view);
      queue.refreshSoon();
    }
    throw error;
  }
}

/* Shows the list at `search` and says `text`: what is saved already, whether the list comes or not. */
async function showAndSay(router, search, { text, how = "push", place, action = null }) {
  let failure = null;
  const again = () => router.goToView(search, how);
  await router.goToView(search, how, { place, refused: (error) => (failure = error) });
  toast(text, { action });
  // A message that can be undone stays beside the next one; any other one would go.
  if (failure) failed(action ? failure : { ...failure, message: `${text} ${failure.message}` }, again);
}

/* Asks for name and audience; `send(fields)` saves them, `done(fields, answer)` comes after it, with the dialog closed. */
async function ask(asked, send, done) {
  closeMenus();
  const dialog = document.getElementById("dialog-view");
  if (!(await openFetched(dialog, { ...asked, place: optionsButton }))) return;
  const form = document.getElementById("view-form");
  const error = document.getElementById("view-error");
  const { name, audience } = form.elements;
  audience.addEventListener("change", () => warn(audience));
  name.focus();
  name.select();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.hidden = true;
    const fields = { name: name.value, audience: audience.value, team: audience.selectedOptions[0].dataset.team ?? "" };
    let answer;
    const refused = (failure) => refuse(form, failure);
    if (!(await sendOnce(form, async () => (answer = await send(fields)), refused))) return;
    if (form.isConnected) closeTo(dialog, optionsButton); // what had the focus before may be gone
    await done(fields, answer);
  });
}

/* The sentence stands in the dialog, or in a message if that was closed meanwhile. */
function refuse(form, failure) {
  if (!form.isConnected) return failed(failure);
  const error = document.getElementById("view-error");
  error.textContent = failure.message;
  error.hidden = false;
  const { name } = form.elements;
  name.setAttribute("aria-invalid", "true");
  name.addEventListener("input", () => name.removeAttribute("aria-invalid"), { once: true });
  name.focus();
}

/** A view that others have becomes private: they lose it. */
function warn(audience) {
  const { was = "owner" } = audience.dataset;
  const lost = was !== "owner" && audience.value === "owner";
  document.getElementById("view-private").textContent = lost ? gettext("The others will no longer see it.") : "";
}
