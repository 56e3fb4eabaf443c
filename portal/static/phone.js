// The picture is seen before it is sent; what becomes of it is asked every few seconds.

const form = document.getElementById("phone");
const input = document.getElementById("picture");
const preview = document.getElementById("preview");
const EVERY = 4000;

input.addEventListener("change", () => {
  URL.revokeObjectURL(preview.src);
  const [file] = input.files;
  preview.hidden = !file;
  if (file) preview.src = URL.createObjectURL(file);
});

form.addEventListener("submit", () => {
  form.querySelector("button").textContent = form.dataset.sending;
});

async function look() {
  if (!document.hidden && !form.dataset.sent) {
    try {
      const answer = await fetch(location.pathname);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const gone = page.getElementById("phone-gone");
      if (gone) {
        document.querySelector("main").replaceChildren(gone);
        return;
      }
      const fresh = page.getElementById("phone-state");
      const now = document.getElementById("phone-state");
      if (fresh && fresh.innerHTML !== now.innerHTML) now.replaceWith(fresh);
    } catch {
      // the line is cut: the next look tells
    }
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
