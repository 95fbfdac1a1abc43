/* Entry of the public help center: search as you type, and a vote without leaving the page. Works without any of it. */

import { Search } from "./search.js";
import { noteWhatIsShown } from "./visits.js";
import { Vote } from "./vote.js";

// A page made ready before anybody asked for it counts when it is opened.
if (document.prerendering) document.addEventListener("prerenderingchange", noteWhatIsShown, { once: true });
else noteWhatIsShown();
for (const form of document.querySelectorAll("[data-help-search]")) new Search(form);
for (const section of document.querySelectorAll("[data-help-vote]")) new Vote(section);
