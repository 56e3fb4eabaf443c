// How doubts look: the present one large, the others a line each. All text is set as text.

const words = JSON.parse(document.getElementById("review").dataset.words);

/** A word of the page's language, with its parameters. */
export function word(key, params = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
}

export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
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

export function stillMarked(before, now, spans = []) {
  return spans.filter(({ end }) => before.slice(0, end) === now.slice(0, end));
}

export function saidOf({ kind, text }) {
  return kind === "value" ? text : word(`kind_${kind}`);
}

const joined = (...parts) => parts.filter(Boolean).join(" · ");
const name = ({ label, group }) => joined(label, group);

export function line(card, index) {
  const said = card.said ?? card.standing;
  const sign = card.error ? "!" : said ? "✓" : "";
  const value = said ? saidOf(said) : card.text || (card.about === "field" ? word(card.blind ? "blind" : "nothing") : "");
  const by = said?.own === false ? ` · ${word("by", { name: said.by })}` : "";
  return el(
    "button",
    { type: "button", class: `line ${said ? "line-done" : ""} ${card.error ? "line-bad" : ""}`, "data-go": index },
    el("span", { class: "line-sign", "aria-hidden": "true" }, sign),
    el("span", { class: "line-name" }, name(card)),
    el("span", { class: "line-value" }, value, by),
  );
}

export function head(card) {
  const sure = card.text && word("sure", { percent: Math.round(100 * (card.confidence ?? 0)) });
  const some = card.candidates && `↓ ${word("candidates", { count: card.candidates.length })}`;
  const reasons = (card.reasons ?? []).map((one) => el("li", {}, one.sentence));
  return [el("div", { class: "doubt-head" }, el("h2", { id: "doubt-name" }, name(card)), el("span", { class: "quiet" }, joined(sure, some))), el("ul", { class: "reasons", id: "reasons" }, ...reasons)];
}

export function typing(card) {
  const input = el("textarea", {
    id: "value",
    rows: 1,
    "aria-labelledby": "doubt-name",
    "aria-describedby": "verdict reasons",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
  input.value = card.draft;
  const behind = el("div", { class: "behind", "aria-hidden": "true" });
  return { input, behind, box: el("div", { class: "typing" }, behind, input) };
}

export function choices(card) {
  const options = (card.candidates ?? []).map((one, index) => {
    const from = one.sources.map((source) => word(`from_${source.origin}`, source)).join(", ");
    const about = { role: "option", id: `choice-${index}`, "data-choice": index };
    return el("li", about, el("span", { class: "choice-text" }, ...marked(one.text, one.differences)), el("span", { class: "choice-from" }, from));
  });
  return el("ul", { role: "listbox", id: "choices", class: "choices", tabindex: "-1", hidden: "", "aria-label": word("choose", { label: name(card) }) }, ...options);
}

function button(said, text, first = "") {
  return el("div", { class: "actions" }, el("button", { type: "button", class: `button ${first}`, "data-say": said }, text));
}

export function parts({ parts: proposed }, signed) {
  const list = proposed.map((one, index) => el("li", {}, joined(word("part", { number: index + 1, pages: one.pages }), one.type_name, one.dossier)));
  const ranges = proposed.map((one) => one.pages).join(",");
  const shown = [el("ol", { class: "reasons" }, ...list), button("together", word("together"))];
  if (signed) return shown;
  return [
    ...shown,
    el("label", { for: "ranges" }, word("ranges")),
    el("input", { id: "ranges", value: ranges, autocomplete: "off", "aria-describedby": "ranges-hint" }),
    el("p", { class: "hint", id: "ranges-hint" }, word("split_hint")),
    button("split", word("split", { count: proposed.length })),
  ];
}

export function seen() {
  return button("seen", word("seen"), "button-first");
}

export const finish = () => document.getElementById("finish").content.cloneNode(true);

export function verdict(text = "") {
  return el("p", { class: "verdict", id: "verdict", role: "alert" }, text);
}
