import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { gettext, ngettext } from "../../static/js/page/texts.js";

afterEach(() => delete globalThis.django);

test("without translations the English text is shown, with its values filled in", () => {
  assert.equal(gettext("Assigned to %(name)s.", { name: "Mira" }), "Assigned to Mira.");
  assert.equal(ngettext("%(count)s ticket", "%(count)s tickets", 1), "1 ticket");
  assert.equal(ngettext("%(count)s ticket", "%(count)s tickets", 3), "3 tickets");
});

test("with translations the page's language is shown", () => {
  globalThis.django = {
    gettext: (text) => ({ "Assigned to %(name)s.": "%(name)s zugewiesen." })[text] ?? text,
    ngettext: (one, many, count) => (count === 1 ? "%(count)s Anfrage" : "%(count)s Anfragen"),
  };
  assert.equal(gettext("Assigned to %(name)s.", { name: "Mira" }), "Mira zugewiesen.");
  assert.equal(ngettext("%(count)s ticket", "%(count)s tickets", 2), "2 Anfragen");
});

test("a value that is missing leaves its mark, so that somebody notices", () => {
  assert.equal(gettext("Assigned to %(name)s.", {}), "Assigned to %(name)s.");
});
