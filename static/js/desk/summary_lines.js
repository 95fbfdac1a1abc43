/* Pure: the lines of a summary while a model writes it. A line is {about, text, messages, written}. */

/** `came`, and of the quotes that were there `before` those of messages that nothing written is about. */
export function merged(before, came) {
  const told = new Set(came.filter(({ written }) => written).flatMap(places));
  const stay = before.filter((line) => has(came, line) || !places(line).some((each) => told.has(each)));
  return inOrder([...stay, ...came.filter((line) => !has(before, line))]);
}

/** In the order of the messages, as the server keeps them. */
export function inOrder(lines) {
  return [...lines].sort((one, other) => one.messages[0] - other.messages[0]);
}

/** The same in two lines of a section that look the same and lead to the same place. */
export const key = ({ text, messages, written }) => JSON.stringify([text, messages, Boolean(written)]);

/** `list` has these items then. Those that stay are not touched: focus, selection and a screen reader's place stay. */
export function arrange(list, items) {
  for (const item of [...list.children]) if (!items.includes(item)) item.remove();
  items.forEach((item, at) => {
    if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null);
  });
}

const places = ({ about, messages }) => messages.map((each) => `${about} ${each}`);
const has = (lines, { about, text }) => lines.some((each) => each.about === about && each.text === text);
