// Review: one doubt after the other by keyboard; each word is sent at once and can be undone.

import { send } from "./desk.js";
import * as draw from "./cards.js";
import { command, isTyping } from "./keys.js";
import { Pictures } from "./pictures.js";
import { Outbox } from "./sending.js";

const { el, word } = draw;
const TRY_AFTER = 250;
const LONG_MARK = 3;

const named = (id) => document.getElementById(id);
const focusOn = (element) => element?.focus({ preventScroll: true });
const addressOf = ({ dossier, number, department }) => `/review/${encodeURIComponent(dossier)}/${number}?${new URLSearchParams({ department })}`;

const { dataset } = named("review");
const review = JSON.parse(dataset.review);
const here = addressOf(review);
const pictures = new Pictures(review, here, named("paper"));
const outbox = new Outbox((what, body) => send(api(what), body), showSaving, dataset.person);

const cards = review.asked.map((one) => ({ ...one, text: one.text ?? "" }));
const items = [...cards, null].map(() => named("cards").appendChild(el("li")));
const done = cards.filter((one) => one.standing?.own).sort((a, b) => a.standing.id - b.standing.id);
let current = -1;
let present = null; // the field typed in
let tried = {};
let timer = 0;
let leaving = false;

for (const card of cards) card.draft = draftOf(card);

const api = (what) => `/api/v1${here.replace("?", `${what}?`)}`;

function draftOf(card) {
  const said = card.said ?? card.standing;
  if (said?.kind === "value") return said.text;
  return said && said.kind !== "confirmed" ? "" : card.text;
}

const settled = (card) => !card.error && !card.undoing && (card.said || card.standing);

function tell(text) {
  for (const id of ["told", "verdict"]) named(id)?.replaceChildren(text);
}

function go(index) {
  const before = current;
  clearTimeout(timer);
  current = Math.max(0, Math.min(index, cards.length));
  present = null;
  tried = {};
  if (before >= 0 && before !== current) paint(before);
  paint(current);
  if (cards[current]) {
    pictures.show(cards[current]);
    pictures.ahead(cards.slice(current + 1));
  }
  items[current].scrollIntoView({ block: "nearest" });
  focus();
}

function next() {
  const start = (current + 1) % (cards.length + 1);
  const open = [...cards.keys(), ...cards.keys()].slice(start).find((index) => !settled(cards[index]));
  go(open ?? cards.length);
}

function paint(index) {
  const card = cards[index];
  const line = card ? () => draw.line(card, index) : () => "";
  items[index].replaceChildren(index === current ? (card ? large(card) : draw.finish()) : line());
  const { length: count } = cards.filter((one) => !settled(one));
  named("left").textContent = word(count ? "left" : "left_none", { count, all: cards.length });
}

function large(card) {
  const box = el("div", { class: "doubt" }, ...draw.head(card));
  if (card.about === "parts") box.append(...draw.parts(card, review.signed));
  else if (card.about !== "field") box.append(draw.seen());
  else {
    const zone = pictures.zone(card);
    present = { card, ...draw.typing(card), choices: draw.choices(card), at: 0 };
    box.append(zone ?? el("p", { class: "hint" }, word("no_place")), present.box, present.choices);
    present.input.addEventListener("input", typed);
    present.input.addEventListener("blur", left);
    mark();
  }
  box.append(draw.verdict(card.error ?? others(card)));
  return box;
}

function others(card) {
  const first = card.said ? null : card.standing;
  return first?.own === false ? word("others", { name: first.by, said: draw.saidOf(first) }) : "";
}

function focus() {
  if (!present) return focusOn(items[current].querySelector("button"));
  const { input, card } = present;
  focusOn(input);
  const last = { start: input.value.length, end: input.value.length };
  const { start, end } = (input.value === card.text && card.differences?.[0]) || last;
  return input.setSelectionRange(start, end - start > LONG_MARK ? start : end);
}

function mark() {
  const { input, behind, card } = present;
  behind.replaceChildren(...draw.marked(input.value, draw.stillMarked(card.text, input.value, card.differences)), "\u200b");
}

/** What stands there, as it is kept. */
function value() {
  return present.input.value.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
}

function say(card, kind, text = null) {
  const said = { kind, text, key: crypto.randomUUID() };
  Object.assign(card, { said, error: null, draft: text ?? (kind === "confirmed" ? card.text : "") });
  done.push(card);
  outbox.add({
    path: "/decisions",
    body: () => ({ ...said, path: card.path, seen: review.manifest_sha256, replaces: card.standing?.id ?? null }),
    done: (standing) => {
      card.standing = standing;
      if (card.said === said) card.said = null;
      const { rescan: code } = standing;
      if (code && !named(code)) named("requests").append(el("a", { id: code, href: `/rescans/${code}` }, word("requested", { code })));
      repaint(card);
    },
    refused: async (error) => {
      if (card.said === said) card.said = null;
      done.splice(done.lastIndexOf(card), 1);
      card.error = error.message;
      if (text) card.candidates = [{ text, sources: [{ origin: "own" }] }, ...(card.candidates ?? [])];
      if (error.status === 409) await lookAgain();
      repaint(card);
      tell(`${card.label}: ${card.error ?? others(card)}`);
      if (current === cards.length) next();
    },
  });
  next();
}

function repaint(card) {
  if (cards[current] !== card) paint(cards.indexOf(card));
}

/** What stands by now. */
async function lookAgain() {
  const answer = await fetch(api("")).catch(() => null);
  const fresh = answer?.ok ? await answer.json() : null;
  if (answer && fresh?.manifest_sha256 !== review.manifest_sha256) leave(here);
  for (const one of fresh?.asked ?? []) {
    const card = cards.find((known) => known.path === one.path);
    card.standing = one.standing ?? null;
    if (others(card) && cards[current] !== card) Object.assign(card, { draft: draftOf(card), error: others(card) });
    repaint(card);
  }
}

function accept() {
  const card = cards[current];
  if (!card) return finish();
  if (!present) return card.about === "parts" ? null : say(card, "seen");
  const text = value();
  const said = card.said ?? (card.undoing ? null : card.standing);
  if (said && text === draftOf(card)) {
    card.error = null;
    return next();
  }
  if (!text) return tell(word("empty"));
  if (tried.text === text && !tried.allowed) return tell(tried.sentence);
  return text === card.text ? say(card, "confirmed") : say(card, "value", text);
}

function undo() {
  const card = done.pop();
  if (!card) return tell(word("no_undo"));
  Object.assign(card, { said: null, error: null, undoing: true, draft: card.text });
  outbox.add({
    path: "/undo",
    body: () => (card.standing ? { ids: [card.standing.id] } : null),
    done: ({ rescans }) => {
      for (const code of rescans) named(code)?.remove();
      Object.assign(card, { standing: null, undoing: false });
    },
    refused: (error) => {
      Object.assign(card, { undoing: false, error: error.message });
      lookAgain();
    },
  });
  go(cards.indexOf(card));
  return tell(word("undone", { label: card.label }));
}

function finish() {
  const open = cards.filter((one) => !settled(one));
  if (!open.length) return sendOn("/done", {});
  go(cards.indexOf(open[0]));
  return tell(word("wait", { count: open.length }));
}

function sendOn(path, more) {
  if (leaving) return;
  leaving = true;
  tell(word("finishing"));
  outbox.add({
    path,
    body: () => {
      leaving = "ranges" in more || cards.every(settled);
      return leaving ? { seen: review.manifest_sha256, ...more } : null;
    },
    done: (found) => leave(found.dossier ? addressOf(found) : "/review"),
    refused: (error) => {
      leaving = false;
      tell(error.message);
      if (error.status === 409) lookAgain();
    },
  });
}

function leave(address) {
  window.removeEventListener("beforeunload", warn);
  location.assign(address);
}

function openChoices() {
  if (!present?.choices.children.length) return tell(word("no_candidates"));
  present.choices.hidden = false;
  focusOn(present.choices);
  pick(present.at);
}

function pick(at) {
  const options = [...present.choices.children];
  present.at = (at + options.length) % options.length;
  options.forEach((one, index) => one.setAttribute("aria-selected", index === present.at));
  present.choices.setAttribute("aria-activedescendant", options[present.at].id);
  options[present.at].scrollIntoView({ block: "nearest" });
}

function choose(index) {
  present.input.value = present.card.candidates[index].text;
  closeChoices();
  typed();
}

const isChoosing = () => present && !present.choices.hidden;

function closeChoices() {
  const open = isChoosing();
  if (open) present.choices.hidden = true;
  focusOn(present?.input);
  return open;
}

function inChoices({ key }) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step) pick(present.at + step);
  else if (key === "Enter") choose(present.at);
  else if (key === "Tab") closeChoices();
  else return false;
  return true;
}

// The rules answer; nothing is rewritten while somebody types.
function typed() {
  const { input, card } = present;
  card.draft = input.value;
  mark();
  clearTimeout(timer);
  input.removeAttribute("aria-invalid");
  tell("");
  const text = value();
  if (!text || text === card.text) return;
  timer = setTimeout(async () => {
    const found = await send(api("/try"), { path: card.path, text }).catch(() => null);
    if (!found || present?.input !== input || value() !== text) return;
    tried = { text, allowed: found.allowed, sentence: found.sentences.join(" ") };
    if (!found.allowed) input.setAttribute("aria-invalid", "true");
    tell(tried.sentence);
  }, TRY_AFTER);
}

function left({ target }) {
  const composed = target.value.normalize("NFC");
  if (composed !== target.value) target.value = composed;
}

const COMMANDS = {
  accept,
  back: () => go(current - 1),
  candidates: openChoices,
  page: () => pictures.turn(cards[current]),
  up: () => pictures.scroll(-0.9),
  down: () => pictures.scroll(0.9),
  missing: () => present && say(present.card, "missing"),
  unreadable: () => present && say(present.card, "unreadable"),
  undo,
  done: finish,
  close: () => closeChoices() || (pictures.whole && COMMANDS.page()),
};

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if (isChoosing() && inChoices(event)) return event.preventDefault();
  const asked = command(event);
  const own = event.target.closest("button, a, summary, input");
  if (!asked || (own && ["accept", "candidates"].includes(asked))) return;
  event.preventDefault();
  COMMANDS[asked]();
});

document.addEventListener("click", ({ target }) => {
  const { command: asked, go: index, say: said, choice } = target.closest("[data-command], [data-go], [data-say], [data-choice]")?.dataset ?? {};
  if (asked) {
    focusOn(present?.input);
    COMMANDS[asked]();
  } else if (index) go(+index);
  else if (choice) choose(+choice);
  else if (said === "finish") finish();
  else if (said === "split") sendOn("/split", { ranges: named("ranges").value });
  else if (said) say(cards[current], said);
});

function showSaving(state, count) {
  const place = named("saving");
  place.className = `saving saving-${state}`;
  place.textContent = `${word(state, { count })} `;
  if (/signed_out|other_person/.test(state)) place.append(el("a", { href: "/sign-in", target: "_blank" }, word("sign_in")));
}

function warn(event) {
  if (outbox.count) event.preventDefault();
}

window.addEventListener("beforeunload", warn);
for (const back of ["online", "focus"]) window.addEventListener(back, () => outbox.wake());
cards.forEach((_, index) => paint(index));
next();
