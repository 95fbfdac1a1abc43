/* A mail as it was sent. The pages allow no style attributes, so the server writes the styles, which it has checked
   (tickets/mail/html/allowed_styles.py), as data. */

class MailView extends HTMLElement {
  connectedCallback() {
    for (const each of this.querySelectorAll("[data-style]")) each.style.cssText = each.dataset.style;
  }
}
customElements.define("mail-view", MailView);

// A picture in a mail is a button, which a key presses too.
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("mail-view img[data-picture]") || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  event.target.click();
});

/** Show a message as sent or as plain text. The button goes, and its counterpart takes its place and the focus. */
export function showAs(button) {
  const message = button.closest(".message");
  message.dataset.shows = button.dataset.show;
  message.querySelector(`[data-show]:not([data-show="${button.dataset.show}"])`).focus({ preventScroll: true });
}

/** Show the quoted text of a mail as it was sent, or hide it again. */
export function toggleQuoted(button) {
  const whole = button.closest(".message").querySelector("mail-view").classList.toggle("is-whole");
  button.setAttribute("aria-expanded", String(whole));
}
