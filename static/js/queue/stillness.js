/* Pure: do the rows have to keep their places, because somebody may be about to click one of them? They do while the
   pointer is among them, the focus is in one of them, or one is being pressed; but not for ever, if nothing happens. */

export const REST = 400; // milliseconds after the pointer has left: it may have crossed the border only for a moment
export const IDLE = 20_000; // without a move or a key: nobody is there

export class Stillness {
  /** `focused()`: is the focus in a row? `changed()` is called when less has to be kept than before. */
  constructor({ focused, changed, later = (run, after) => setTimeout(run, after), stop = (timer) => clearTimeout(timer) }) {
    Object.assign(this, { focused, changed, later, stop });
    Object.assign(this, { inside: false, pressed: false, awake: false, timer: null, lifting: null });
  }

  /** No row may change its place. */
  get held() {
    return this.awake;
  }

  /** Nothing in a row may change either: a click on what is replaced meanwhile would be lost. */
  get frozen() {
    return this.pressed || this.lifting !== null;
  }

  /** The pointer has moved, into the rows, among them or out of them. */
  pointer(inside) {
    this.inside = inside;
    this.stir(inside);
  }

  /** The focus has come, or a key was pressed in a row. */
  used() {
    this.stir(true);
  }

  /** The focus has gone. */
  unfocused() {
    this.stir(false);
  }

  press() {
    this.pressed = true;
    this.stopLifting();
    this.stir(true);
  }

  /** The click comes only after this. */
  lift() {
    if (!this.pressed) return;
    this.pressed = false;
    this.lifting = this.later(() => {
      this.lifting = null;
      this.changed();
    }, REST);
    this.stir(true);
  }

  /** The rows are others now. */
  forget() {
    this.pressed = false;
    this.stopLifting();
    this.stir(false);
  }

  stopLifting() {
    this.stop(this.lifting);
    this.lifting = null;
  }

  stir(wakes) {
    this.awake ||= wakes;
    this.stop(this.timer);
    if (!this.awake || this.pressed) return;
    this.timer = this.later(() => this.end(), this.inside || this.focused() ? IDLE : REST);
  }

  end() {
    this.awake = false;
    this.changed();
  }
}
