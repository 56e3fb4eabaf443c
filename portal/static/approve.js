// The sign gate: what was chosen, which pages were on the screen, keys.
import "./desk.js";

const boxes = [...document.querySelectorAll('input[name="chosen"]')];
const usable = boxes.filter((box) => !box.disabled);
const form = document.getElementById("batch");

// Which pages were seen: half of one stood on the screen for as long as a glance takes. They are
// remembered for this tab by the hash of what was shown, so that the sheet knows of a document
// what was seen when it was open.
const GLANCE = 400;
const seen = new Map();

function holder(id) {
  return document.querySelector(`[data-document="${id}"][data-seen]`);
}

function pagesOf(id) {
  if (!seen.has(id)) {
    const kept = sessionStorage.getItem(`seen:${holder(id).dataset.seen}`);
    seen.set(id, new Set((kept ?? "").split(",").filter(Boolean).map(Number)));
  }
  return seen.get(id);
}

function tell(id) {
  const pages = [...pagesOf(id)].sort((a, b) => a - b).join(",");
  sessionStorage.setItem(`seen:${holder(id).dataset.seen}`, pages);
  const field = [...document.querySelectorAll('input[name="shown"]')].find((one) => one.value.startsWith(`${id}:`));
  if (field) field.value = `${id}:${pages}`;
  const progress = document.getElementById("progress");
  if (progress) progress.textContent = progress.dataset.text.replace("#", pagesOf(id).size);
}

const timers = new Map();
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    clearTimeout(timers.get(target));
    if (!isIntersecting) continue;
    timers.set(target, setTimeout(() => {
      if (!target.complete || !target.naturalWidth) { target.addEventListener("load", () => saw(target), { once: true }); return; }
      saw(target);
    }, GLANCE));
  }
}, { threshold: 0.5 });

function saw(picture) {
  const id = picture.dataset.document;
  pagesOf(id).add(Number(picture.dataset.page));
  tell(id);
}

for (const picture of document.querySelectorAll("img.paper")) watcher.observe(picture);
for (const one of document.querySelectorAll("[data-seen]")) tell(one.dataset.document);

// Choosing
function counted() {
  const count = boxes.filter((box) => box.checked).length;
  const said = document.getElementById("count");
  if (said) said.textContent = count ? form.dataset.count.replace("#", count) : form.dataset.none;
  const all = document.getElementById("all");
  if (all) {
    all.checked = usable.length > 0 && count === usable.length;
    all.indeterminate = count > 0 && count < usable.length;
    document.getElementById("approve").disabled = count === 0;
  }
}

const all = document.getElementById("all");
if (all) {
  all.closest("label").hidden = false;
  document.querySelector(".keys").hidden = false;
  all.addEventListener("change", () => {
    for (const box of usable) box.checked = all.checked;
    counted();
  });
  for (const box of boxes) box.addEventListener("change", counted);
  window.addEventListener("pageshow", counted);
  counted();
}

// Keys: arrows between documents, Enter opens one, Ctrl+Enter approves. None is a letter.
function columns() {
  const tops = boxes.map((box) => box.closest("li").offsetTop);
  return tops.filter((top) => top === tops[0]).length;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Enter" && event.ctrlKey && form) {
    event.preventDefault();
    const button = document.getElementById("approve");
    if (button && !button.disabled) form.requestSubmit(button);
    return;
  }
  const at = boxes.indexOf(document.activeElement);
  if (at < 0) return;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns() }[event.key];
  if (step) {
    event.preventDefault();
    const next = boxes[at + step];
    if (next) {
      next.focus({ preventScroll: true });
      next.closest("li").scrollIntoView({ block: "nearest" });
    }
  } else if (event.key === "Enter") {
    event.preventDefault();
    boxes[at].closest("li").querySelector("a.open").click();
  }
});

// A page in its own size
const dialog = document.getElementById("enlarged");
for (const button of document.querySelectorAll("button.zoom")) {
  button.addEventListener("click", () => {
    const picture = button.querySelector("img");
    const large = dialog.querySelector("img");
    large.src = picture.src;
    large.alt = picture.alt;
    dialog.showModal();
  });
}
