/* Who looks through tickets starts no model: it waits until a ticket has been open for a while, and no other is coming. */

const SETTLE = 1500; // milliseconds

/** Call `act` once the open ticket is likely to stay. Returns a function that gives it up. */
export function whenSettled(act) {
  let timer = 0;
  const coming = () => document.querySelector("#content[aria-busy='true']");
  const wait = () => (timer = setTimeout(() => (coming() ? wait() : act()), SETTLE));
  wait();
  return () => clearTimeout(timer);
}
