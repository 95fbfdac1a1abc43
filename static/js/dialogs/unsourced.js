/* No source answers the question, but the agent wanted a draft: what it says is not sent by one key. */

import { choose } from "./dialog.js";

/** Resolves to true for "send anyway". */
export async function sendUnsourced() {
  return (await choose("dialog-unsourced", "unsourced")) === "send";
}
