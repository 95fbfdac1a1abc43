/* The files of the open composer. The server keeps them (tickets/uploads.py) and makes their rows; those that are on
   their way have rows from here. */

import { getHtml, post } from "../page/http.js";
import { gettext } from "../page/texts.js";
import { announce, failed, toast } from "../page/toast.js";
import { mayPass } from "./uploading.js";

const MEGABYTE = 1024 * 1024;

export class Uploads {
  /** `current()`: those of this ticket's composer as it is now; the ticket may have been left and opened again. */
  constructor(composer, uploading, current) {
    Object.assign(this, { composer, uploading, current, ticket: composer.ticket, list: composer.part.uploads, shown: new Map() });
    this.url = composer.element.dataset.uploadsUrl;
    this.turn = 0; // counts what changes the rows
    this.known = true; // are the rows what the server has?
    this.chooser = composer.part["upload-chooser"];
    this.chooser.addEventListener("change", () => {
      this.add([...this.chooser.files]);
      this.chooser.value = "";
    });
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("keydown", (event) => {
      if (event.key === "Delete" || event.key === "Backspace") this.delete(event);
    });
    composer.editor.addEventListener("paste", (event) => this.pasted(event));
    this.render();
  }

  choose() {
    this.chooser.click();
  }

  /** Files for the tab that is shown. */
  add(files) {
    const { tab: kind } = this.composer;
    for (const file of files) this.uploading.add({ ticket: this.ticket, url: this.url, kind }, file, this.tooLarge(file));
    if (files.length) this.composer.typing();
  }

  /* Told at once: sending it would take its time and end the same. */
  tooLarge(file) {
    const most = Number(this.list.dataset.most);
    if (file.size <= most) return null;
    const text = gettext("%(name)s was not attached. It is larger than %(limit)s MB.", { name: file.name, limit: most / MEGABYTE });
    announce(text);
    return Object.assign(new Error(text), { status: 422 });
  }

  /* A table copied from a spreadsheet comes with a picture of itself: its text is pasted, not the picture. */
  pasted(event) {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    this.add([...files].map(named));
  }

  rows(kind = null) {
    return [...this.list.querySelectorAll(kind ? `[data-upload][data-for="${kind}"]` : "[data-upload]")];
  }

  /** What is sent with the message: ids. */
  ids(kind) {
    return this.rows(kind).map((row) => Number(row.dataset.upload));
  }

  /** Why the message cannot be sent yet, "" if it can. */
  notReady(kind) {
    if (!this.known) {
      this.refresh();
      return gettext("The attached files are being fetched. Send again in a moment.");
    }
    const waiting = this.uploading.of(this.ticket, kind);
    const broken = waiting.find((each) => each.error);
    if (broken) return gettext("%(name)s is not attached. Remove it, or try again.", { name: broken.file.name });
    if (waiting.length) return gettext("%(name)s is still being uploaded.", { name: waiting[0].file.name });
    return "";
  }

  // --- taking out -----------------------------------------------------------------

  clicked(event) {
    const row = event.target.closest(".upload");
    if (event.target.closest("[data-remove-upload]")) this.remove(row);
    else if (event.target.closest("[data-retry-upload]")) this.uploading.retry(Number(row.dataset.entry));
  }

  delete(event) {
    const row = event.target.closest(".upload");
    if (!row) return;
    event.preventDefault();
    this.remove(row);
  }

  async remove(row) {
    const seen = [...this.list.querySelectorAll(".upload")].filter((each) => each.checkVisibility());
    const at = seen.indexOf(row);
    (seen[at + 1] ?? seen[at - 1])?.querySelector(".upload-remove").focus({ preventScroll: true });
    if (seen.length < 2) this.composer.editor.focus({ preventScroll: true });
    if (row.dataset.entry) return this.uploading.drop(Number(row.dataset.entry));
    this.turn++; // an answer that is on its way still has it
    this.take([row]);
    const { upload, name } = row.dataset;
    try {
      await post(`/uploads/${upload}/remove`);
      const action = { label: gettext("Undo"), run: () => this.putBack(upload) };
      toast(gettext("%(name)s removed.", { name }), { key: `upload ${upload}`, action });
    } catch (error) {
      failed(error);
      this.refresh();
    }
    this.changed();
  }

  async putBack(upload) {
    try {
      await post(`/uploads/${upload}/put-back`);
    } catch (error) {
      failed(error);
    }
    this.current()?.refresh();
  }

  // --- showing --------------------------------------------------------------------

  /** A file has arrived: its row takes the place of that which showed the progress. */
  arrived({ file }, { upload, html }) {
    this.take(this.rows().filter((row) => row.dataset.upload === String(upload)));
    const waiting = this.list.querySelector("[data-entry]");
    if (waiting) waiting.insertAdjacentHTML("beforebegin", html);
    else this.list.insertAdjacentHTML("beforeend", html);
    announce(gettext("%(name)s is attached.", { name: file.name }));
    this.changed();
    this.composer.render();
  }

  /** These went with a message. */
  sent(ids) {
    this.take(this.rows().filter((row) => ids.includes(Number(row.dataset.upload))));
    this.changed();
  }

  take(rows) {
    for (const row of rows) row.remove();
    if (rows.length) this.composer.render();
  }

  /* An answer that is on its way does not know of it. */
  changed() {
    this.turn++;
    if (!this.known) this.refresh();
  }

  /** The rows as the server has them: after an undo, and where another window may have changed them. */
  async refresh() {
    const turn = ++this.turn;
    this.known = false;
    try {
      const html = await getHtml(this.url);
      if (turn === this.turn && this.list.isConnected) this.set(html);
    } catch (error) {
      if (turn === this.turn && this.list.isConnected) failed(error, () => this.refresh());
    }
  }

  set(html) {
    this.turn++;
    this.known = true;
    for (const row of this.rows()) row.remove();
    this.list.insertAdjacentHTML("afterbegin", html);
    this.composer.render();
  }

  /* The list has room for three rows and scrolls: the newest is in sight. */
  show(entry) {
    this.shown.set(entry.number, this.list.appendChild(waitingRow(entry)));
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** The rows of the files on their way. */
  render() {
    const entries = this.uploading.of(this.ticket);
    for (const [number, row] of this.shown) {
      if (entries.some((each) => each.number === number)) continue;
      row.remove();
      this.shown.delete(number);
    }
    for (const entry of entries) {
      if (!this.shown.has(entry.number)) this.show(entry);
      fill(this.shown.get(entry.number), entry);
    }
  }
}

/* What comes from the clipboard is always called image.png. */
function named(file) {
  if (file.name !== "image.png") return file;
  const at = new Date();
  const two = (number) => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return new File([file], `screenshot ${day} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}.png`, { type: file.type });
}

function waitingRow({ number, kind, file }) {
  const row = document.getElementById("upload-waiting").content.firstElementChild.cloneNode(true);
  Object.assign(row.dataset, { entry: number, for: kind, name: file.name });
  row.querySelector(".upload-name").textContent = row.querySelector(".upload-name").title = file.name;
  row.querySelector(".upload-remove").setAttribute("aria-label", gettext("Remove %(name)s", { name: file.name }));
  row.querySelector("progress").setAttribute("aria-label", file.name);
  return row;
}

function fill(row, entry) {
  const { error, share } = entry;
  row.classList.toggle("is-failed", Boolean(error));
  row.querySelector("progress").hidden = Boolean(error);
  row.querySelector("progress").value = share;
  row.querySelector("[data-retry-upload]").hidden = !mayPass(entry);
  row.querySelector(".upload-state").textContent = error ? error.message : "";
}

// --- dropping ---------------------------------------------------------------------

/** Files dropped on the open ticket are attached; elsewhere on the page they must not replace it. `uploads()`: those of
    the open composer, or undefined. */
export function acceptDrops(uploads) {
  const withFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (on) => document.getElementById("composer")?.classList.toggle("is-dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    const here = Boolean(uploads() && event.target.closest?.("#pane"));
    event.dataTransfer.dropEffect = here ? "copy" : "none";
    over(here);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || over(false));
  document.addEventListener("drop", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    over(false);
    if (!event.target.closest?.("#pane")) return;
    const { files, folders } = dropped(event.dataTransfer);
    uploads()?.add(files);
    if (folders) toast(gettext("Folders cannot be attached. Choose the files in them."), { kind: "bad" });
  });
}

function dropped({ items }) {
  const all = [...items].filter((item) => item.kind === "file");
  const folders = all.filter((item) => item.webkitGetAsEntry?.()?.isDirectory);
  return { files: all.filter((item) => !folders.includes(item)).map((item) => item.getAsFile()), folders: folders.length };
}
