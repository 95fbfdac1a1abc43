/* Sending from the composer: checks before, what happens when it has arrived, and undo. By then another ticket may be
   open, so everything here goes by ticket. */

import { same } from "./addressed.js";
import { sendUnsourced } from "../dialogs/unsourced.js";
import { unsourced } from "../draft/support.js";
import * as ed from "./editor.js";
import { arrived as keptArrived } from "./kept.js";
import { gettext } from "../page/texts.js";
import { toast } from "../page/toast.js";
import * as written from "./written.js";

const REST = 1000; // milliseconds after sending in which a second press does not send
const GLANCE = 700; // milliseconds; a draft that appeared just now was not read

/** Send the text of the shown tab. `key`: by the keyboard, so the agent may not have seen all of it. `asked`: the agent
    knows that no source answers. `to`: who gets it, as the agent saw it at the first press. */
export function send(composer, { key = false, seen = composer.seen(), asked = false, to = null } = {}) {
  const { tab, sending, ticket, uploads, recipients } = composer;
  if (sending.of(ticket, tab) || resting(composer)) return;
  const waits = uploads.notReady(tab);
  if (waits) return toast(waits, { key: "uploads" });
  if (tab === "note") return sendNote(composer);
  const wrong = recipients.notReady();
  if (wrong) return toast(wrong, { key: "recipients" });
  if (composer.revising.running) return toast(gettext("The text is still being revised. Press Esc to stop it."));
  const doc = written.trimmed(composer.doc);
  if (composer.draft.draft?.state === "writing" && composer.inserted === composer.draft.draft.id && !composer.touched) {
    return toast(gettext("The draft is still being written. Press Esc to stop it."));
  }
  if (!written.plain(doc).trim()) return toast(nothing(uploads));
  if (key && !wasRead(composer)) return;
  if (!asked && isUnsourced(composer)) return ask(composer, seen);
  composer.save();
  const fields = wire(composer, doc, seen);
  const { revised } = composer;
  const pressed = to ?? recipients.press();
  composer.away(); // not when it goes: by then the agent may type the next text
  const go = () => begin(composer, "reply", doc, { ...fields, recipients: JSON.stringify(recipients.since(pressed)) }, revised);
  composer.findings.unlessStopped(go, asked);
}

function wire({ inserted, submission, sources, uploads }, doc, seen) {
  return {
    text: doc.text,
    prepared: inserted ?? "",
    submission,
    seen,
    composition: JSON.stringify(written.toWire(doc, sources)),
    uploads: uploads.ids("reply"),
  };
}

function nothing(uploads) {
  if (!uploads.ids("reply").length) return gettext("There is nothing to send yet.");
  return gettext("Write a line to go with the files: a mail without any text often ends as spam.");
}

function isUnsourced({ draft, inserted, doc, sources }) {
  return unsourced({ draft: draft.draft, inserted, author: written.authorship(doc, sources) });
}

async function ask(composer, seen) {
  const { text, recipients } = composer;
  const { value } = recipients;
  if (!(await sendUnsourced())) return;
  // They may have changed behind the dialog; then what is there now was not what the agent agreed to.
  if (composer.text === text && same(recipients.value, value)) send(composer, { seen, asked: true });
  else toast(gettext("Not sent. The text is still here."));
}

function sendNote(composer) {
  const doc = written.trimmed({ text: composer.note.text, marks: [] });
  const uploads = composer.uploads.ids("note");
  if (!doc.text && !uploads.length) return toast(gettext("The note is empty."));
  composer.away();
  begin(composer, "note", doc, { text: doc.text, submission: composer.note.submission, uploads });
}

function begin(composer, kind, doc, fields, revised = null) {
  const { noteUrl, replyUrl } = composer.element.dataset;
  const url = kind === "note" ? noteUrl : replyUrl;
  composer.sending.start({ ticket: composer.ticket, kind, url, fields, doc, prepared: fields.prepared || null, revised });
}

export function resting(composer) {
  return Date.now() < composer.restUntil;
}

function rest(composer) {
  composer.restUntil = Date.now() + REST;
  setTimeout(() => composer.render(), REST + 20);
}

/** If the end of a draft has not been on the screen, show it; the next press sends. */
function wasRead(composer) {
  composer.panel.look();
  const justCame = !composer.touched && Date.now() - composer.panel.putAt < GLANCE;
  if (!composer.sources.length || (composer.panel.read && !justCame)) return true;
  composer.reveal();
  composer.panel.toEnd();
  composer.panel.look();
  rest(composer);
  composer.render();
  toast(gettext("Not sent yet: you have not seen the end of this draft. Read it, then press the same key to send it."), { key: "unread" });
  return false;
}

/** `composer`: that of the ticket if it is open, else null. */
export function arrived(composer, user, entry, answer) {
  if (!composer) return keptArrived(user, entry, answer);
  if (entry.kind === "note") {
    composer.note = { text: written.unsent(entry.doc, { text: composer.note.text, marks: [] }, answer).text, submission: crypto.randomUUID() };
  } else {
    if (entry.prepared) composer.used.add(entry.prepared);
    if (composer.draft.draft) composer.draft.draft.answered = true;
    afterReply(composer, written.unsent(entry.doc, composer.doc, answer));
    composer.recipients.sent(entry, answer);
  }
  if (composer.tab === entry.kind) redrawUnlessSame(composer);
  composer.save();
  rest(composer);
  composer.draft.load();
  if (answer.same === false) composer.uploads.refresh();
  else composer.uploads.sent(entry.fields.uploads ?? []);
  composer.render();
}

function afterReply(composer, doc) {
  const { sources } = composer;
  composer.reset();
  if (!doc.text.trim()) return;
  composer.put(doc);
  Object.assign(composer, { touched: true, complete: true, sources });
}

/* If the text is the same nothing is redrawn, so that the caret stays where it is. */
function redrawUnlessSame(composer) {
  const shown = ed.read(composer.editor).text;
  if (shown === (composer.tab === "note" ? composer.note.text : composer.text)) return;
  const had = document.activeElement === composer.editor;
  composer.redraw();
  if (had) ed.caretToEnd(composer.editor);
}

/** After undo the reply is in the composer again, with its recipients; what was typed since stays below it, and whom the
    agent has chosen for that: nobody else may get to read it. */
export function restore(composer, { doc, sources, prepared, revised, recipients }) {
  if (recipients && !(composer.touched && composer.text.trim() && composer.recipients.own)) composer.recipients.undone(recipients);
  if (prepared) composer.used.delete(prepared);
  composer.revised = composer.touched ? null : revised;
  const own = composer.touched ? composer.doc : written.NOTHING;
  composer.put(written.together([doc, own], "\n\n"));
  composer.sources = [...sources, ...(composer.touched ? composer.sources : [])];
  Object.assign(composer, { touched: true, complete: true, inserted: prepared });
  composer.submission = crypto.randomUUID();
  if (composer.tab === "reply") composer.redraw();
  composer.save();
  composer.show("reply");
  composer.render();
}
