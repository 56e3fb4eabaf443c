// Which key is which command. None is a letter, a digit or Backspace: input methods type those.

const PLAIN = {
  Enter: "accept",
  ArrowDown: "candidates",
  PageUp: "up",
  PageDown: "down",
  F2: "page",
  F4: "missing",
  F8: "unreadable",
  F9: "undo",
  Escape: "close",
};
const WITH_SHIFT = { Enter: "back" };
const WITH_CTRL = { Enter: "done" };

/** Whether the key is an input method's: it composes, or says so (229). */
export function isTyping(event) {
  return event.isComposing === true || event.keyCode === 229;
}

/** The command of a keydown event, or null. A key held down is one command. */
export function command(event) {
  if (isTyping(event) || event.altKey || event.metaKey) return null;
  if (event.ctrlKey) return event.shiftKey || event.repeat ? null : WITH_CTRL[event.key] ?? null;
  if (event.shiftKey) return event.repeat ? null : WITH_SHIFT[event.key] ?? null;
  const found = PLAIN[event.key] ?? null;
  return event.repeat && found !== "candidates" ? null : found;
}
