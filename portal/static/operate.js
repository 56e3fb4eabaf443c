// The operators' page renews what changes, every few seconds, while somebody looks at it.
import "./desk.js";

const now = document.getElementById("now");
const stale = document.getElementById("stale");
let asking = false;

function busy() {
  // not under somebody's hands: focus would be lost
  return now.contains(document.activeElement) || document.hidden;
}

async function renew() {
  if (asking || busy()) return;
  asking = true;
  try {
    const answer = await fetch(now.dataset.from, { redirect: "error", signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (busy()) return;
    const open = [...now.querySelectorAll("details[open]")].map((one) => one.dataset.key);
    now.innerHTML = text;
    for (const one of now.querySelectorAll("details")) one.open = open.includes(one.dataset.key);
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  } finally {
    asking = false;
  }
}

setInterval(renew, 1000 * Number(now.dataset.seconds));
