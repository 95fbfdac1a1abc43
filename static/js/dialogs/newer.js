/* Somebody has written while a reply was being written: read it first, or send all the same. */

import { choose } from "./dialog.js";

/** What was said while the agent wrote; resolves to true if it is to be sent all the same. */
export async function sendAnyway(newer) {
  document.getElementById("newer-messages").replaceChildren(
    ...newer.map(({ who, text }) => {
      const said = document.createElement("p");
      const name = document.createElement("b");
      name.textContent = who;
      said.append(name, " ", text);
      return said;
    }),
  );
  return (await choose("dialog-newer", "newer")) === "send";
}
