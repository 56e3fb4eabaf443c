// The open page keeps its document while somebody works; leaving gives it back.
import { send } from "./desk.js";

const lost = document.getElementById("lease");
const { at } = lost.dataset;
const AGAIN = 60_000;
let next = Date.now() + AGAIN;

async function keep() {
  if (Date.now() < next) return;
  next = Date.now() + AGAIN;
  lost.hidden = (await send(at, {}).catch(() => ({ own: true }))).own;
}

for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, keep);
addEventListener("pagehide", () => {
  const csrf = document.querySelector("[name=csrf]").content;
  navigator.sendBeacon(at.replace("lease", "leave"), new URLSearchParams({ csrf }));
});
