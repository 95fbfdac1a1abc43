/* Pure: what the answers to a bulk action add up to, and how it is told. */

import { decimal, gettext, ngettext } from "../page/texts.js";

export class Tally {
  constructor() {
    Object.assign(this, { changed: [], same: [], left: [], events: [] });
  }

  add({ changed = [], same = [], left = [], events = [] }) {
    this.changed.push(...changed);
    this.same.push(...same);
    this.left.push(...left);
    this.events.push(...events);
  }

  /** Those that need no further action. */
  get settled() {
    return [...this.changed, ...this.same];
  }

  get count() {
    return this.settled.length + this.left.length;
  }
}

/* What was done, by action. `name`: of the member, the team or the priority that was chosen. */
const DONE = {
  assign: (count, name) =>
    name
      ? ngettext("%(count)s ticket assigned to %(name)s.", "%(count)s tickets assigned to %(name)s.", count, { name })
      : ngettext("Nobody is assigned to %(count)s ticket now.", "Nobody is assigned to %(count)s tickets now.", count),
  team: (count, name) =>
    name
      ? ngettext("%(count)s ticket moved to %(name)s.", "%(count)s tickets moved to %(name)s.", count, { name })
      : ngettext("%(count)s ticket has no team now.", "%(count)s tickets have no team now.", count),
  priority: (count, name) => ngettext("Priority of %(count)s ticket: %(name)s.", "Priority of %(count)s tickets: %(name)s.", count, { name }),
  tag: (count) => ngettext("%(count)s ticket tagged.", "%(count)s tickets tagged.", count),
  untag: (count) => ngettext("Tags of %(count)s ticket removed.", "Tags of %(count)s tickets removed.", count),
  pending: (count) => ngettext("%(count)s ticket waits for the customer now.", "%(count)s tickets wait for the customer now.", count),
  open: (count) => ngettext("%(count)s ticket is open now.", "%(count)s tickets are open now.", count),
  snooze: (count) => ngettext("%(count)s ticket snoozed.", "%(count)s tickets snoozed.", count),
  close: (count) => ngettext("%(count)s ticket closed.", "%(count)s tickets closed.", count),
};

/** The sentences of a message about what `tally` counts. */
export function told(action, tally, name = "") {
  const { changed, same } = tally;
  const sentences = [changed.length ? DONE[action](changed.length, name) : gettext("Nothing was changed.")];
  if (same.length) sentences.push(ngettext("%(count)s was so already.", "%(count)s were so already.", same.length));
  return [...sentences, ...leftOver(action, tally.left)].join(" ");
}

/* One sentence for each reason, the most frequent first. */
function leftOver(action, left) {
  const reasons = new Map();
  for (const { why } of left) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  const words = (count, why) =>
    action === "close"
      ? ngettext("%(count)s stays open: %(why)s", "%(count)s stay open: %(why)s", count, { why })
      : ngettext("%(count)s stays as it is: %(why)s", "%(count)s stay as they are: %(why)s", count, { why });
  return [...reasons].sort(([, one], [, two]) => two - one).map(([why, count]) => words(count, why));
}

/** How far an action came. `perhaps`: that many more, for their answer did not come. */
export function brokenOff({ done, left, perhaps }) {
  const far = progress(done, done + left);
  if (!perhaps) return gettext("%(far)s tickets are done.", { far });
  return ngettext("%(far)s tickets are done, perhaps %(count)s more.", "%(far)s tickets are done, perhaps %(count)s more.", perhaps, { far });
}

/** How far something is that takes several requests. */
export function progress(done, total) {
  return gettext("%(done)s of %(total)s", { done: decimal(done, 0), total: decimal(total, 0) });
}

export function selectedWords(count) {
  return gettext("%(count)s selected", { count: decimal(count, 0) });
}

/** What the button that selects more says; "" if there is no more to select. `all`: {ids, whole} of the list, null until they
    are there. `whole`: all loaded rows are selected; `more`: the list has others. */
export function moreWords({ whole, more, has }, all) {
  if (!whole || (more && !all)) return gettext("Select all");
  if (!more || all.ids.every(has)) return "";
  const values = { count: decimal(all.ids.length, 0) };
  return all.whole ? gettext("Select all %(count)s", values) : gettext("Select the first %(count)s", values);
}
