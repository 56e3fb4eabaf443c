// Follows a dossier that was handed in until nothing moves by itself any more.

const QUICK = 2000;
const SLOW = 15000;
const begun = Date.now();

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { redirect: "error" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.getElementById("state");
      const before = document.getElementById("state");
      if (now && now.innerHTML !== before.innerHTML) {
        before.replaceWith(now);
        document.querySelector("main .actions").replaceWith(page.querySelector("main .actions"));
      }
    } catch {
      // the line is cut: the next look tells
    }
  }
  next();
}

function next() {
  if ("settled" in document.getElementById("state").dataset) return;
  setTimeout(look, Date.now() - begun < 120_000 ? QUICK : SLOW);
}

next();
