// What arrives for a request appears by itself, unless a hand is on what stands there.

const place = () => document.getElementById("state");

async function refresh() {
  const { at } = place().dataset;
  try {
    const answer = await fetch(at, { redirect: "error" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("state");
    if (!fresh) location.assign(at); // it has ended: somebody else was faster
    else if (fresh.dataset.mark === place().dataset.mark) return; // told twice
    else if (place().matches(":active")) setTimeout(refresh, 500); // a button is held down
    else place().replaceWith(fresh);
  } catch {
    // the line is cut: the next event tells
  }
}

let source;

function listen() {
  source?.close();
  source = new EventSource(place().dataset.events);
  source.addEventListener("rescan", ({ data }) => {
    if (JSON.parse(data).mark !== place().dataset.mark) refresh();
  });
  source.addEventListener("ended", () => {
    source.close();
    place().textContent = place().dataset.ended;
  });
}

// Browsers open six connections to a site: a page that is not seen holds none.
document.addEventListener("visibilitychange", () => (document.hidden ? source?.close() : listen()));
if (!document.hidden) listen();
