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

/** Whether the key is an input method's: it composes, or says so (229). */
export function isTyping(event) {
  return event.isComposing === true || event.keyCode === 229;
}

/** The command of a keydown event, or null. A key held down is one command. */
export function command(event) {
  if (isTyping(event) || event.altKey || event.metaKey) return null;
  const found = PLAIN[event.key] ?? null;
  if (event.ctrlKey || event.shiftKey) {
    const alone = event.ctrlKey !== event.shiftKey && !event.repeat && found === "accept";
    return alone ? (event.ctrlKey ? "done" : "back") : null;
  }
  return event.repeat && found !== "candidates" ? null : found;
}
