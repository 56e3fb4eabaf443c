// The queue stays what it is: counts and rows change without a reload, and never under somebody's hands.

const rows = document.getElementById("rows");
const news = document.getElementById("news");
const live = document.getElementById("live");
const ACTIVE = 5 * 60_000; // a list that nobody looks at must not keep a session alive
let touched = Date.now();
let source;

for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => (touched = Date.now()), { passive: true });
}

const ids = (where) => new Set([...where.querySelectorAll("tr[data-id]")].map((row) => row.dataset.id));

async function fetched() {
  const answer = await fetch(location.href, { redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("rows");
}

function show(list) {
  const before = ids(rows);
  rows.replaceChildren(...list.childNodes);
  let count = 0;
  for (const row of rows.querySelectorAll("tr[data-id]")) {
    if (before.has(row.dataset.id)) continue;
    row.classList.add("fresh");
    count += 1;
  }
  news.replaceChildren();
  if (count) news.textContent = news.dataset.news.replace("#", count);
}

function offer(text, then) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-small";
  button.textContent = news.dataset.refresh;
  button.addEventListener("click", then);
  news.replaceChildren(`${text} `, button);
}

async function refresh() {
  try {
    if (Date.now() - touched > ACTIVE) {
      offer(news.dataset.moved, () => fetched().then(show));
      return;
    }
    const list = await fetched();
    const before = ids(rows);
    const count = [...ids(list)].filter((id) => !before.has(id)).length;
    if (rows.contains(document.activeElement)) {
      const text = count ? news.dataset.news.replace("#", count) : news.dataset.moved;
      offer(text, () => show(list));
    } else {
      show(list);
    }
  } catch {
    offer(news.dataset.moved, () => location.reload());
  }
}

function hear(event) {
  let moved = false;
  for (const one of JSON.parse(event.data)) {
    const tab = document.querySelector(`.tabs [data-stage="${one.stage}"]`);
    if (!tab || tab.dataset.mark === one.mark) continue;
    tab.querySelector(".count").textContent = one.documents;
    tab.dataset.mark = one.mark;
    moved ||= one.stage === rows.dataset.stage;
  }
  if (moved) refresh();
}

/** Requests to scan again: their count in the navigation, and what a list says of them. */
function hearRescans({ data }) {
  const { count, mark } = JSON.parse(data);
  const place = document.getElementById("rescans-wait");
  if (place) {
    place.hidden = !count && !place.hasAttribute("aria-current");
    place.querySelector(".count").textContent = count;
  }
  if (rows.dataset.rescans === mark) return;
  rows.dataset.rescans = mark;
  refresh();
}

function listen() {
  source = new EventSource("/api/v1/queue/events");
  source.addEventListener("open", () => {
    live.hidden = false;
    live.classList.remove("lost");
  });
  source.addEventListener("waiting", hear);
  source.addEventListener("rescans", hearRescans);
  source.addEventListener("ended", () => {
    source.close();
    lost(live.dataset.ended);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) lost(live.dataset.lost);
  });
}

function lost(text) {
  live.hidden = false;
  live.classList.add("lost");
  live.textContent = text;
}

// Browsers open six connections to a site: a page that is not seen holds none.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) source?.close();
  else listen();
});
if (!document.hidden) listen();
