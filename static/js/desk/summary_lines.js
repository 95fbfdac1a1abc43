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

const places = ({ about, messages }) => messages.map((each) => `${about} ${each}`);
const has = (lines, { about, text }) => lines.some((each) => each.about === about && each.text === text);
