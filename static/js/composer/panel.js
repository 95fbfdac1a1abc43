/* The height of the composer, and whether its text was read to the end. It grows with the text (composer.css); while a
   draft is being written it keeps its height, so that nothing moves while somebody reads. */

const NEAR = 14; // less than a line, more than the space below the last one

export class Panel {
  constructor(element) {
    this.element = element;
    this.read = true; // has the end of the draft been on the screen
    this.putAt = 0; // when the text was put here
    this.look = () => this.atEndAndSeen() && (this.read = true);
    element.addEventListener("scroll", this.look, { passive: true });
    document.addEventListener("visibilitychange", this.look);
    this.watch = new ResizeObserver(this.look);
    this.watch.observe(element);
  }

  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  atEndAndSeen() {
    return this.atEnd && this.element.clientHeight > 0 && !document.hidden;
  }

  /** The text has grown or, if `fresh`, is another one. */
  unread(fresh) {
    this.read = false;
    if (fresh) this.putAt = Date.now();
    // After the layout of the new text.
    requestAnimationFrame(this.look);
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }

  hold() {
    if (!this.element.style.height) this.element.style.height = `${this.element.offsetHeight}px`;
  }

  release() {
    this.element.style.height = "";
  }

  leave() {
    document.removeEventListener("visibilitychange", this.look);
    this.watch.disconnect();
  }
}
