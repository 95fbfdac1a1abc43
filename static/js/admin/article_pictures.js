// Pictures that are pasted, dropped or chosen: uploaded at once with visible progress, inserted at the caret.

import { gettext } from "../page/texts.js";
import { upload } from "../page/upload.js";
import { replace } from "./article_posting.js";

export function startPictures(textarea, frame) {
  const status = document.createElement("p");
  status.className = "kb-upload";
  status.setAttribute("role", "status");
  const bar = frame.querySelector(".kb-toolbar");
  const chooser = document.createElement("input");
  Object.assign(chooser, { type: "file", accept: "image/png,image/jpeg,image/gif,image/webp", multiple: true, hidden: true });
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "kb-tool", textContent: gettext("Picture"), tabIndex: -1 });
  bar.append(button, chooser, status);

  button.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    sendAll(textarea, status, [...chooser.files]);
    chooser.value = "";
  });
  textarea.addEventListener("paste", (event) => take(event, event.clipboardData, textarea, status));
  textarea.addEventListener("drop", (event) => {
    textarea.classList.remove("kb-dropping");
    take(event, event.dataTransfer, textarea, status);
  });
  textarea.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.items].some((item) => item.kind === "file")) return;
    event.preventDefault();
    textarea.classList.add("kb-dropping");
  });
  textarea.addEventListener("dragleave", () => textarea.classList.remove("kb-dropping"));
}

function take(event, data, textarea, status) {
  const files = [...(data?.files || [])];
  // A table copied from a spreadsheet comes with a picture of itself: paste its text, not the picture.
  if (!files.length || data.types.includes("text/plain")) return;
  event.preventDefault();
  sendAll(textarea, status, files);
}

async function sendAll(textarea, status, files) {
  for (const file of files) {
    const name = file.name || gettext("picture");
    const mark = `![${gettext("uploading %(name)s…", { name: name.replace(/[[\]()\n]/g, " ") })}]()`;
    const at = place(textarea);
    replace(textarea, at, at, mark);
    try {
      const fields = { image: file, csrfmiddlewaretoken: textarea.form.elements.csrfmiddlewaretoken.value };
      const { url, alt } = await upload(textarea.dataset.images, fields, (share) => {
        status.className = "kb-upload";
        status.textContent = gettext("Uploading %(name)s: %(percent)s", { name, percent: percent(share) });
      });
      settle(textarea, mark, `![${alt}](${url})`, alt.length);
      status.textContent = gettext("Picture added. Its description is selected: write what the picture shows.");
    } catch (error) {
      settle(textarea, mark, "", 0);
      status.className = "kb-upload kb-upload-failed";
      status.textContent = error.message;
      return;
    }
  }
}

const percent = (share) => share.toLocaleString(document.documentElement.lang, { style: "percent" });

// After the selection. If the selection is inside the description of a picture, after that picture.
function place(textarea) {
  const at = textarea.selectionEnd;
  const rest = /^[^\]\n]*\]\([^()\n]*\)/.exec(textarea.value.slice(at));
  const inside = /!\[[^\]\n]*$/.test(textarea.value.slice(0, at));
  return inside && rest ? at + rest[0].length : at;
}

// While the picture was uploading the author may have moved the mark or deleted it.
function settle(textarea, mark, text, selected) {
  const at = textarea.value.indexOf(mark);
  if (at === -1 && text) replace(textarea, textarea.selectionStart, textarea.selectionEnd, text);
  if (at !== -1) replace(textarea, at, at + mark.length, text, at + (text ? 2 : 0), at + (text ? 2 + selected : 0));
}
