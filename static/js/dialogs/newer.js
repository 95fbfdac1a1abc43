/* There are messages that the author of a reply has not seen: read them first, or send anyway. */

import { choose } from "./dialog.js";

/** Shows the `newer` messages; resolves to true for "send anyway". */
export async function sendAnyway(newer) {
  document.getElementById("newer-messages").replaceChildren(
    ...newer.map(({ who, text }) => {
      const message = document.createElement("p");
      const name = document.createElement("b");
      name.textContent = who;
      message.append(name, " ", text);
      return message;
    }),
  );
  return (await choose("dialog-newer", "newer")) === "send";
}
