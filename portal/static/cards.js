// How doubts look: the present one large with its zone, the others as a line each. All text is set
// as text; nothing that was read, typed or named is ever taken for markup.

let words = {};

export function useWords(given) {
  words = given;
}

/** A word of the page's language, with its parameters. */
export function word(key, params = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
}

/** An element with attributes and children; texts become text nodes. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((one) => one !== null && one !== undefined));
  return made;
}

/** The text with the letters of the spans marked. */
export function marked(text, spans) {
  const parts = [];
  let at = 0;
  for (const { start, end } of spans ?? []) {
    parts.push(text.slice(at, start), el("mark", {}, text.slice(start, end)));
    at = end;
  }
  parts.push(text.slice(at));
  return parts;
}

/** The spans that still say something of a text which somebody has changed since. */
export function stillMarked(before, now, spans) {
  if (before === now) return spans ?? [];
  let same = 0;
  while (same < now.length && before[same] === now[same]) same += 1;
  let tail = 0;
  while (tail < Math.min(now.length, before.length) - same && before.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const moved = now.length - before.length;
  return (spans ?? []).flatMap(({ start, end }) => {
    if (end <= same) return [{ start, end }];
    return start >= before.length - tail ? [{ start: start + moved, end: end + moved }] : [];
  });
}

/** What was said of a doubt, in words. */
export function saidOf(card) {
  const said = card.said ?? card.standing;
  if (!said) return "";
  return said.kind === "value" ? said.text ?? "" : word(`kind_${said.kind}`);
}

function name(card) {
  return card.group ? `${card.group} · ${card.label}` : card.label;
}

/** A doubt as one line: a button that goes there. */
export function line(card, index) {
  const settled = card.error ? "!" : card.said || card.standing ? "✓" : "";
  const value = card.said || card.standing ? saidOf(card) : card.text || (card.about === "field" || !card.about ? word("nothing") : "");
  const by = card.standing && !card.standing.own && !card.said ? ` · ${word("by", { name: card.standing.by })}` : "";
  return el(
    "button",
    { type: "button", class: `line${settled ? " line-done" : ""}${card.error ? " line-bad" : ""}`, "data-go": index },
    el("span", { class: "line-sign", "aria-hidden": "true" }, settled),
    el("span", { class: "line-name" }, name(card)),
    el("span", { class: "line-value" }, value, by),
  );
}

/** The head of the present doubt, and why it is one. */
export function head(card) {
  const sure = (!card.about || card.about === "field") && card.text ? word("sure", { percent: Math.round(100 * (card.confidence ?? 0)) }) : "";
  const reasons = (card.reasons ?? []).map((one) => el("li", {}, one.sentence));
  return [
    el("div", { class: "doubt-head" }, el("h2", { id: "doubt-name" }, name(card)), el("span", { class: "quiet" }, sure)),
    el("ul", { class: "reasons", id: "reasons" }, ...reasons),
  ];
}

/** Where somebody types the value; the letters in doubt are marked behind it. */
export function typing(card) {
  const input = el("textarea", {
    id: "value",
    rows: 1,
    "aria-labelledby": "doubt-name",
    "aria-describedby": "verdict reasons",
    autocomplete: "off",
    autocorrect: "off",
    autocapitalize: "off",
    spellcheck: "false",
    inputmode: /personal_id|phone/.test(card.field_type ?? "") ? "numeric" : null,
  });
  input.value = card.draft;
  const behind = el("div", { class: "behind", "aria-hidden": "true" });
  return { input, behind, box: el("div", { class: "typing" }, behind, input) };
}

/** The values to choose from, each with where it is from. */
export function choices(card) {
  const options = (card.candidates ?? []).map((one, index) =>
    el(
      "li",
      { role: "option", id: `choice-${index}`, "data-choice": index, "aria-selected": "false" },
      el("span", { class: "choice-text" }, ...marked(one.text, one.differences)),
      el("span", { class: "choice-from" }, one.sources.map((source) => word(`from_${source.origin}`, { name: source.name ?? "" })).join(", ")),
    ),
  );
  return el("ul", { role: "listbox", id: "choices", class: "choices", tabindex: "-1", hidden: true, "aria-label": word("choose", { label: name(card) }) }, ...options);
}

/** The question whether a file is one document, with what is proposed. */
export function parts(card, signed) {
  const ranges = card.parts.map((one) => one.pages.join(",").replace(/\b(\d+)(?:,\d+)*,(\d+)\b/g, (all, from, to) => (to - from === all.split(",").length - 1 ? `${from}-${to}` : all)));
  const list = card.parts.map((one, index) =>
    el("li", {}, word("part", { number: index + 1, pages: ranges[index] }), one.type_name ? ` · ${one.type_name}` : "", one.dossier ? ` · ${one.dossier}` : ""),
  );
  const field = el("input", { id: "ranges", value: ranges.join(","), autocomplete: "off", spellcheck: "false", "aria-describedby": "ranges-hint" });
  return [
    el("ol", { class: "reasons" }, ...list),
    el("div", { class: "actions" }, el("button", { type: "button", class: "button", "data-say": "together" }, word("together"))),
    signed
      ? null
      : el(
          "div",
          { class: "field" },
          el("label", { for: "ranges" }, word("ranges")),
          field,
          el("p", { class: "hint", id: "ranges-hint" }, word("split_hint")),
          el("div", { class: "actions" }, el("button", { type: "button", class: "button", "data-say": "split" }, word("split", { count: card.parts.length }))),
        ),
  ];
}

export function seen() {
  return el("div", { class: "actions" }, el("button", { type: "button", class: "button button-first", "data-say": "seen" }, word("seen")));
}

/** After the last doubt. */
export function finish() {
  return el(
    "div",
    { class: "doubt" },
    el("h2", {}, word("finish_title")),
    el("p", { class: "quiet" }, word("finish_text")),
    el("p", { class: "verdict", id: "verdict", role: "alert" }),
    el("div", { class: "actions" }, el("button", { type: "button", class: "button button-first", "data-say": "finish" }, word("finish"))),
  );
}
