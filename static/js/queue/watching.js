/* Pointer, touch and keyboard in the rows of the queue, for stillness.js. */

const FRAME = ".rows-frame"; // the rows and the button over them
const within = (node) => Boolean(node?.closest?.(FRAME));
const isTouch = ({ pointerType }) => pointerType === "touch";

/** `element`: the queue; `pointer(at)` is told where the pointer is in it, null: elsewhere. */
export function watch(element, stillness, pointer) {
  watchPointer(element, stillness, pointer);
  watchPresses(element, stillness, pointer);
  element.addEventListener("focusin", ({ target }) => within(target) && stillness.used());
  element.addEventListener("focusout", ({ target }) => within(target) && stillness.unfocused());
  element.addEventListener("keydown", ({ target }) => within(target) && stillness.used());
}

function watchPointer(element, stillness, pointer) {
  let last = "";
  const moved = (event) => {
    // When rows move under a pointer that rests, browsers tell of it as if it had moved.
    const here = `${event.screenX} ${event.screenY}`;
    if (isTouch(event) || here === last) return;
    last = here;
    stillness.pointer(within(event.target));
    pointer({ x: event.clientX, y: event.clientY });
    if (!event.buttons) stillness.lift(); // it was let go where nobody could tell
  };
  for (const name of ["pointerover", "pointermove"]) element.addEventListener(name, moved);
  element.addEventListener("wheel", ({ target }) => within(target) && stillness.pointer(true), { passive: true });
  element.addEventListener("pointerleave", (event) => {
    if (isTouch(event)) return;
    last = "";
    stillness.pointer(false);
    pointer(null);
  });
}

/* A finger that scrolls ends its pointer, but not its touch. */
function watchPresses(element, stillness, pointer) {
  const lifted = () => stillness.lift();
  element.addEventListener("pointerdown", (event) => !isTouch(event) && within(event.target) && stillness.press());
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, (event) => isTouch(event) || lifted());
  for (const name of ["contextmenu", "dragend"]) document.addEventListener(name, lifted);
  window.addEventListener("blur", lifted);
  // Let go over another part of the page: dragging the bar for scrolling may end without "pointerup".
  document.addEventListener("pointermove", (event) => isTouch(event) || event.buttons || lifted());
  const touched = ({ target, touches: [{ clientX: x, clientY: y }] }) => {
    if (!within(target)) return;
    stillness.press();
    pointer({ x, y });
  };
  element.addEventListener("touchstart", touched, { passive: true });
  for (const name of ["touchend", "touchcancel"]) {
    document.addEventListener(name, ({ touches }) => {
      if (touches.length) return;
      lifted();
      pointer(null);
    });
  }
}
