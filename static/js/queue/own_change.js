/* Pure: a change of the view that is shown, made by this member. The list that comes of it is not told as news. */

export class OwnChange {
  constructor() {
    this.forget();
  }

  forget() {
    this.view = null;
    this.saved = false;
  }

  /** `send()` changes `view`, which is the one that is shown. */
  async during(view, send) {
    Object.assign(this, { view, saved: false });
    try {
      const answer = await send();
      this.saved = true;
      return answer;
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Somebody else has changed it, which the member was told already. */
  known(view) {
    Object.assign(this, { view, saved: true });
  }

  isOf(view) {
    return this.view === view;
  }

  /** For a request that begins now: call what is returned once its rows are shown. A later change is another's. */
  asked() {
    const { saved } = this;
    return () => saved && this.forget();
  }
}
