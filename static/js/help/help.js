/* Starts the scripts of the help center: search as you type, vote within the page. Every page works without them. */

import { Search } from "./search.js";
import { recordPage } from "./visits.js";
import { Vote } from "./vote.js";

// A page that the browser renders in advance counts when it is opened.
if (document.prerendering) document.addEventListener("prerenderingchange", recordPage, { once: true });
else recordPage();
for (const form of document.querySelectorAll("[data-help-search]")) new Search(form);
for (const section of document.querySelectorAll("[data-help-vote]")) new Vote(section);
