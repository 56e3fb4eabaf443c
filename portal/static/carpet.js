// Review in bulk: arrows move, Space marks what is wrong, Enter accepts the rest, F9 undoes a sheet.

import { send } from "./desk.js";
import { isTyping } from "./keys.js";
import { Outbox } from "./sending.js";

const named = (id) => document.getElementById(id);
const grid = named("zones");
const { sheet, last, person } = grid.dataset;
const words = JSON.parse(grid.dataset.words);
const zones = [...grid.querySelectorAll(".zone")];
const outbox = new Outbox((path, body) => send(`/api/v1/carpet/${path}`, body), showSaving, person);

let at = 0;
let state = "open"; // sent, done, undone

const word = (key, params = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
const isWrong = (zone) => zone.getAttribute("aria-pressed") === "true";
const wrong = () => zones.filter(isWrong).map((zone) => +zone.dataset.number);

function showSaving(what, count) {
  named("saving").className = `saving saving-${what}`;
  named("saving").textContent = word(what, { count });
}

function tell(...lines) {
  named("told").replaceChildren(
    ...lines.map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }),
  );
}

function count() {
  named("marked").textContent = word("marked", { count: wrong().length });
}

function go(to) {
  if (!zones[to]) return;
  zones[at].tabIndex = -1;
  at = to;
  zones[at].tabIndex = 0;
  zones[at].focus();
  zones[at].scrollIntoView({ block: "nearest" });
}

function mark(zone = zones[at]) {
  if (state !== "open") return;
  zone.setAttribute("aria-pressed", !isWrong(zone));
  count();
}

function wide() {
  if (state !== "open") return;
  const picture = named("wide-picture");
  picture.src = `/carpet/${sheet}/picture/${zones[at].dataset.number}?wide=1`;
  named("wide-text").textContent = zones[at].querySelector(".zone-text").textContent;
  named("wide").showModal();
}

function show(...lines) {
  grid.hidden = named("hint").hidden = named("keys").hidden = true;
  named("done").hidden = false;
  tell(...lines);
  named("next").querySelector("button").focus();
}

function accept() {
  if (state !== "open") return;
  state = "sent";
  const said = { wrong: wrong() };
  outbox.add({
    path: `${sheet}/accept`,
    body: () => said,
    done: (told) => {
      state = "done";
      const some = (key) => (told[key] ? [word(key, { count: told[key] })] : []);
      const planted = told.planted ? [word("planted", told)] : [];
      show(word("accepted", { count: told.accepted }), ...some("left"), ...some("refused"), ...planted, word("waiting", { count: told.waiting }));
    },
    refused: (error) => {
      state = "open";
      showSaving("lost");
      named("saving").textContent = error.message;
    },
  });
}

/** The sheet that was just done, or while this one is open the one before it. */
function undo() {
  const which = { open: last, done: sheet }[state];
  if (which === undefined) return;
  if (!which) {
    named("saving").textContent = word("no_undo");
    return;
  }
  const before = state;
  state = "sent";
  outbox.add({
    path: `${which}/undo`,
    body: () => ({}),
    done: ({ decisions }) => {
      state = "undone";
      document.querySelector('#next [data-command="undo"]').hidden = true;
      show(word("undone", { count: decisions }));
    },
    refused: (error) => {
      state = before;
      if (before === "done") tell(error.message);
      else named("saving").textContent = error.message;
    },
  });
}

const COMMANDS = { mark, wide, accept, undo };

function step(key) {
  const across = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  return { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across, Home: -at, End: zones.length - 1 - at }[key];
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || event.altKey || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (named("wide").open) {
    if (event.key === "F2") named("wide").close();
    else return;
    event.preventDefault();
    return;
  }
  const moved = state === "open" ? step(event.key) : undefined;
  const onZone = event.target === document.body || event.target.closest(".zone");
  if (event.key === "F9" || event.key === "F2") COMMANDS[event.key === "F9" ? "undo" : "wide"]();
  else if (moved !== undefined && onZone) go(at + moved);
  else if (event.key === "Enter" && onZone && state === "open") event.repeat || accept();
  else return;
  event.preventDefault();
});

// Space presses the zone that has the focus, as it presses any button.
document.addEventListener("click", ({ target }) => {
  const zone = target.closest(".zone");
  const asked = target.closest("[data-command]")?.dataset.command;
  if (zone) {
    go(zones.indexOf(zone));
    mark();
  } else if (asked) {
    if (asked === "mark") zones[at].focus();
    COMMANDS[asked]();
  }
});

for (const back of ["online", "focus"]) window.addEventListener(back, () => outbox.wake());
window.addEventListener("beforeunload", (event) => state === "sent" && event.preventDefault());
count();
zones[0]?.focus({ preventScroll: true });
