/* The button "3 new ↑" lies over the first row, and no click that is meant for the row may hit it: it does not appear
   under the pointer, takes no click in its first moments, and does not vanish under the pointer by itself. */

export const DEAF = 600; // milliseconds

export class NewRows {
  /** `element()`: the button, which is another one in each list; `left()`: it is hidden while it has the focus. */
  constructor({ element, later = (run, after) => setTimeout(run, after), stop = (timer) => clearTimeout(timer), left = () => {} }) {
    Object.assign(this, { element, later, stop, left, text: "", at: null, timer: null });
  }

  /** An empty text: nothing waits. */
  say(text) {
    this.text = text;
    this.render();
  }

  /** The pointer is at `{x, y}`; null: elsewhere. */
  pointer(at) {
    this.at = at;
    if (this.element().hidden !== !this.text) this.render();
  }

  /** At once, also under the pointer: it has been clicked, or the list is another one. */
  hide() {
    this.text = "";
    this.stop(this.timer);
    const button = this.element();
    const focused = button.ownerDocument?.activeElement === button;
    Object.assign(button, { hidden: true, inert: false, textContent: "" });
    if (focused) this.left();
  }

  render() {
    const button = this.element();
    if (this.text) {
      button.textContent = this.text;
      if (button.hidden) this.appear(button);
    } else if (!button.hidden && !this.under(button)) this.hide();
  }

  appear(button) {
    Object.assign(button, { hidden: false, inert: true });
    button.hidden = this.under(button); // it has a place only while it is shown
    this.stop(this.timer);
    if (!button.hidden) this.timer = this.later(() => (button.inert = false), DEAF);
  }

  under(button) {
    if (!this.at) return false;
    const { left, right, top, bottom } = button.getBoundingClientRect();
    const { x, y } = this.at;
    return x >= left && x <= right && y >= top && y <= bottom;
  }
}
