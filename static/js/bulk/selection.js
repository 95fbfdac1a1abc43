/* Pure: the tickets that are selected in a list, by their ids. */

import { departed } from "../queue/planning.js";
import { between } from "./ranges.js";

export class Selection {
  constructor() {
    Object.assign(this, { ids: new Set(), last: null, list: null, rows: [], left: [] });
  }

  get size() {
    return this.ids.size;
  }

  has(id) {
    return this.ids.has(id);
  }

  add(ids) {
    for (const id of ids) this.ids.add(id);
  }

  remove(ids) {
    for (const id of ids) this.ids.delete(id);
  }

  clear() {
    this.ids.clear();
    this.last = null;
  }

  /** The row `id`; with `range` also all between it and the one that was toggled before. */
  toggle(id, { on = !this.has(id), range = false } = {}) {
    const ids = range ? between(this.loaded, this.last, id) : [id];
    if (on) this.add(ids);
    else this.remove(ids);
    this.last = id;
  }

  /** `list` has these rows now, and goes on if `more`; those that have `left` it are still shown. Another list has another
      selection: none. Ids that had no row stay. Returns those that are no longer in it. */
  follow(list, rows, { more = false, left = [] } = {}) {
    const same = list === this.list;
    const removed = same ? departed(this.rows, rows, { more, left: this.left }) : [...this.ids];
    this.remove(removed);
    if (!same) this.last = null;
    Object.assign(this, { list, rows, left });
    return removed;
  }

  /** The rows of the list that are loaded. */
  get loaded() {
    return this.rows.filter((id) => !this.left.includes(id));
  }

  /** Are all of them selected? */
  get whole() {
    return this.loaded.length > 0 && this.loaded.every((id) => this.has(id));
  }
}
