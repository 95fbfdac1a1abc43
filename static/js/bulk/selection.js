/* Pure: the tickets that are selected in a list, by their ids. */

import { between, gone } from "./ranges.js";

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
    const ids = range ? between(this.rows, this.last, id) : [id];
    if (on) this.add(ids);
    else this.remove(ids);
    this.last = id;
  }

  /** `list` has these rows now, and goes on if `more`; those that have `left` it are still shown. Another list has another
      selection: none. Ids that had no row stay. */
  follow(list, rows, { more = false, left = [] } = {}) {
    if (list === this.list) this.remove(gone(this.rows, rows, more));
    else this.clear();
    Object.assign(this, { list, rows, left });
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
