// Review: one doubt after the other by keyboard. Each word is sent at once and kept until the server
// has it (sending.js); keys are told apart in keys.js, what is seen is made in cards.js.

import { send } from "./desk.js";
import * as draw from "./cards.js";
import { command, isTyping } from "./keys.js";
import { Pictures } from "./pictures.js";
import { newKey, Outbox } from "./sending.js";

const { el, word } = draw;
const TRY_AFTER = 250;
const LONG_MARK = 3;

const root = document.getElementById("review");
const list = document.getElementById("cards");
const review = JSON.parse(root.dataset.review);
draw.useWords(JSON.parse(root.dataset.words));
const query = `?${new URLSearchParams({ department: review.department })}`;
const api = `/api/v1/review/${encodeURIComponent(review.dossier)}/${review.number}`;
const pictures = new Pictures(review, document.getElementById("paper"), document.getElementById("sheet"));
const outbox = new Outbox((path, body) => send(path, body), showSaving, renew);

const cards = (review.asked ?? []).map((one) => ({ ...one, about: one.about ?? "field", text: one.text ?? "", said: null, error: null, undoing: false }));
const items = [...cards, null].map(() => list.appendChild(el("li")));
const done = cards.filter((one) => one.standing?.own).sort((a, b) => a.standing.id - b.standing.id);
let current = -1;
let present = null; // { input, behind, choices } of a field that is typed in
let tried = { text: null, allowed: true };
let timer = 0;
let leaving = false;

for (const card of cards) card.draft = draftOf(card);

function draftOf(card) {
  const said = card.said ?? card.standing;
  if (said?.kind === "value") return said.text ?? "";
  return said && said.kind !== "confirmed" ? "" : card.text;
}

function settled(card) {
  return !card.error && !card.undoing && Boolean(card.said || card.standing);
}

function tell(text) {
  document.getElementById("told").textContent = text;
  const verdict = document.getElementById("verdict");
  if (verdict) verdict.textContent = text;
}

// Where one is

function go(index) {
  const before = current;
  clearTimeout(timer);
  current = Math.max(0, Math.min(index, cards.length));
  present = null;
  tried = { text: null, allowed: true };
  if (before >= 0 && before !== current) paint(before);
  paint(current);
  if (current < cards.length) {
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
  const item = items[index];
  item.classList.toggle("present", index === current);
  if (!card) item.replaceChildren(...(index === current ? [draw.finish()] : []));
  else if (index === current) item.replaceChildren(large(card));
  else item.replaceChildren(draw.line(card, index));
  const left = cards.filter((one) => !settled(one)).length;
  document.getElementById("left").textContent = word(left ? "left" : "left_none", { count: left, all: cards.length });
}

function large(card) {
  const box = el("div", { class: "doubt" }, ...draw.head(card));
  if (card.about === "parts") box.append(...draw.parts(card, review.signed).filter(Boolean));
  else if (card.about !== "field") box.append(draw.seen());
  else {
    const zone = pictures.zone(card);
    box.append(zone ? el("div", { class: "zone" }, zone) : el("p", { class: "hint" }, word("no_place")));
    present = { card, ...draw.typing(card), choices: draw.choices(card), at: -1 };
    const count = (card.candidates ?? []).length;
    const opener = el("button", { type: "button", class: "opener plain", "data-command": "candidates", tabindex: "-1" }, count ? `↓ ${word("candidates", { count })}` : "");
    box.append(present.box, present.choices, opener);
  }
  box.append(el("p", { class: "verdict", id: "verdict", role: "alert" }, card.error ?? others(card)));
  mark();
  return box;
}

function others(card) {
  if (!card.standing || card.standing.own || card.said) return "";
  return word("others", { name: card.standing.by, said: draw.saidOf(card) });
}

function focus() {
  if (!present) {
    items[current].querySelector("button")?.focus({ preventScroll: true });
    return;
  }
  const { input, card } = present;
  input.focus({ preventScroll: true });
  const first = input.value === card.text ? card.differences?.[0] : undefined;
  if (first) input.setSelectionRange(first.start, first.end - first.start > LONG_MARK ? first.start : first.end);
  else input.setSelectionRange(input.value.length, input.value.length);
}

function mark() {
  if (!present) return;
  const { input, behind, card } = present;
  behind.replaceChildren(...draw.marked(input.value, draw.stillMarked(card.text, input.value, card.differences)), "\u200b");
}

// What is said

function say(card, kind, text = null) {
  card.draft = text ?? (kind === "confirmed" ? card.text : "");
  card.error = null;
  const said = { kind, text, key: newKey() };
  card.said = said;
  done.push(card);
  const known = () => ({ path: card.path, kind, text, key: said.key, seen: review.manifest_sha256, replaces: card.standing?.id ?? null });
  outbox.add({
    path: `${api}/decisions${query}`,
    body: known,
    done: (standing) => {
      card.standing = standing;
      if (card.said === said) card.said = null;
      if (cards.indexOf(card) !== current) paint(cards.indexOf(card));
    },
    refused: (error) => refused(card, said, error),
  });
}

async function refused(card, said, error) {
  if (card.said === said) card.said = null;
  forget(card);
  card.error = error.message;
  if (error.status === 409) await lookAgain(error);
  paint(cards.indexOf(card));
  tell(`${card.label}: ${card.error ?? others(card)}`);
  if (current === cards.length) next();
}

/** What stands by now: somebody else was first. Where the document went on, its page says so. */
async function lookAgain(error) {
  const answer = await fetch(api + query).catch(() => null);
  if (answer?.status === 409 || answer?.status === 404) return leave(`/review/${encodeURIComponent(review.dossier)}/${review.number}${query}`);
  if (!answer?.ok) return;
  const fresh = await answer.json();
  if (fresh.manifest_sha256 !== review.manifest_sha256) return leave(location.href);
  for (const one of fresh.asked ?? []) {
    const card = cards.find((known) => known.path === one.path);
    if (!card) continue;
    card.standing = one.standing ?? null;
    if (!card.said && card.standing && error.code === "storing.field_decided") card.error = card.standing.own ? null : others(card) || null;
  }
}

function accept() {
  if (current === cards.length) return finish();
  const card = cards[current];
  if (!present) return card.about === "parts" ? null : decideAndGo(card, "seen");
  const text = present.input.value.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
  const said = card.said ?? (card.undoing ? null : card.standing);
  if (said && text === draftOf(card) && !(card.error && card.said)) {
    card.error = null;
    return next();
  }
  if (!text) return tell(word("empty"));
  if (tried.text === text && !tried.allowed) return tell(tried.sentence);
  return text === card.text ? decideAndGo(card, "confirmed") : decideAndGo(card, "value", text);
}

function decideAndGo(card, kind, text = null) {
  say(card, kind, text);
  next();
}

function forget(card) {
  const at = done.lastIndexOf(card);
  if (at >= 0) done.splice(at, 1);
}

function undo() {
  const card = done.pop();
  if (!card) return tell(word("no_undo"));
  card.undoing = true;
  outbox.add({
    path: `${api}/undo${query}`,
    body: () => (card.standing ? { ids: [card.standing.id] } : null),
    done: () => {
      card.standing = null;
      card.undoing = false;
    },
    refused: (error) => {
      card.undoing = false;
      card.error = error.message;
      if (error.status === 409) lookAgain(error);
    },
  });
  card.said = null;
  card.draft = card.text;
  go(cards.indexOf(card));
  return tell(word("undone", { label: card.label }));
}

function finish() {
  const open = cards.filter((one) => !settled(one));
  if (open.length) {
    go(cards.indexOf(open[0]));
    return tell(word("wait", { count: open.length }));
  }
  if (leaving) return null;
  leaving = true;
  tell(word("finishing"));
  return outbox.add({
    path: `${api}/done${query}`,
    body: () => (cards.every(settled) ? { seen: review.manifest_sha256 } : null),
    done: onward,
    refused: stays,
  });
}

function split() {
  const ranges = document.getElementById("ranges").value;
  leaving = true;
  outbox.add({ path: `${api}/split${query}`, body: () => ({ ranges, seen: review.manifest_sha256 }), done: onward, refused: stays });
}

function stays(error) {
  leaving = false;
  tell(error.message);
  if (error.status === 409) lookAgain(error);
}

function onward(found) {
  const address = `/review/${encodeURIComponent(found.dossier ?? "")}/${found.number}?${new URLSearchParams({ department: found.department ?? "" })}`;
  leave(found.dossier ? address : "/review");
}

function leave(address) {
  window.removeEventListener("beforeunload", warn);
  location.assign(address);
}

// Candidates

function openChoices() {
  if (!present) return;
  const options = [...present.choices.children];
  if (!options.length) return tell(word("no_candidates"));
  present.choices.hidden = false;
  present.choices.focus({ preventScroll: true });
  pick(Math.max(0, present.at));
}

function pick(at) {
  const options = [...present.choices.children];
  present.at = (at + options.length) % options.length;
  options.forEach((one, index) => one.setAttribute("aria-selected", String(index === present.at)));
  present.choices.setAttribute("aria-activedescendant", options[present.at].id);
  options[present.at].scrollIntoView({ block: "nearest" });
}

function choose(index) {
  present.input.value = present.card.candidates[index].text;
  closeChoices();
  typed();
}

function closeChoices() {
  if (!present || present.choices.hidden) return false;
  present.choices.hidden = true;
  present.input.focus({ preventScroll: true });
  return true;
}

function inChoices(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) pick(present.at + steps[event.key]);
  else if (event.key === "Enter") choose(present.at);
  else if (event.key === "Escape" || event.key === "Tab") closeChoices();
  else return false;
  return true;
}

// Typing: the rules answer, and nothing is rewritten

function typed() {
  const { input, card } = present;
  card.draft = input.value;
  mark();
  clearTimeout(timer);
  input.removeAttribute("aria-invalid");
  tell("");
  const text = input.value.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
  if (!text || text === card.text) return;
  timer = setTimeout(async () => {
    const found = await send(`${api}/try${query}`, { path: card.path, text }).catch(() => null);
    if (!found || present?.card !== card || card.draft !== input.value) return;
    const sentence = (found.sentences ?? []).join(" ");
    tried = { text, allowed: found.allowed, sentence };
    if (!found.allowed) input.setAttribute("aria-invalid", "true");
    tell(sentence);
  }, TRY_AFTER);
}

list.addEventListener("input", (event) => {
  if (event.target === present?.input) typed();
});
list.addEventListener("focusout", (event) => {
  const input = event.target;
  if (input !== present?.input) return;
  const composed = input.value.normalize("NFC");
  if (composed !== input.value) input.value = composed;
});

// Keys and clicks

const COMMANDS = {
  accept,
  back: () => go(current - 1),
  candidates: openChoices,
  page: () => pictures.turn(cards[current] ?? {}),
  missing: () => present && decideAndGo(present.card, "missing"),
  unreadable: () => present && decideAndGo(present.card, "unreadable"),
  undo,
  done: finish,
  close: () => closeChoices() || document.getElementById("paper").classList.contains("paper-whole") && pictures.turn(cards[current] ?? {}),
};

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if (present && !present.choices.hidden && inChoices(event)) return event.preventDefault();
  const asked = command(event);
  const own = event.target.closest("button, a, summary, #ranges");
  if (!asked || (own && ["accept", "candidates", "close"].includes(asked))) return;
  event.preventDefault();
  COMMANDS[asked]();
});

document.addEventListener("click", (event) => {
  const found = event.target.closest("[data-command], [data-go], [data-say], [data-choice]");
  if (!found) return;
  const { command: asked, go: index, say: said, choice } = found.dataset;
  if (asked) {
    if (present && asked !== "candidates") present.input.focus({ preventScroll: true });
    COMMANDS[asked]();
  } else if (index) go(Number(index));
  else if (choice) choose(Number(choice));
  else if (said === "finish") finish();
  else if (said === "split") split();
  else if (said) decideAndGo(cards[current], said);
});

// What is not saved yet

function showSaving(state, count) {
  const place = document.getElementById("saving");
  place.className = `saving saving-${state}`;
  place.replaceChildren(word(state, { count }));
  if (state === "signed_out" || state === "other_person") {
    place.append(" ", el("a", { href: "/sign-in?next=/language/" + document.documentElement.lang, target: "_blank" }, word("sign_in")));
  }
}

/** After the session ended: the page's own word of the new one, if the same person has signed in. */
async function renew() {
  const me = await fetch("/api/v1/me");
  if (!me.ok) return "signed_out";
  if ((await me.json()).name !== root.dataset.person) return "other_person";
  const page = new DOMParser().parseFromString(await (await fetch("/password")).text(), "text/html");
  const fresh = page.querySelector('meta[name="csrf"]');
  if (!fresh) return "signed_out";
  document.querySelector('meta[name="csrf"]').content = fresh.content;
  return true;
}

function warn(event) {
  if (outbox.count) event.preventDefault();
}

window.addEventListener("beforeunload", warn);
window.addEventListener("online", () => outbox.wake());
window.addEventListener("focus", () => outbox.wake());
cards.forEach((_, index) => paint(index));
next();
