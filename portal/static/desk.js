// What every page has: dialogs, menus, and how scripts send something.

const meta = document.querySelector('meta[name="csrf"]');

/** POST JSON to this site with the session's own word; the answer's JSON, or an Error with its sentence. */
export async function send(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": meta?.content ?? "" },
    body: JSON.stringify(body),
  });
  const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
  if (!answer.ok) {
    const error = new Error(said.error?.sentence ?? `${answer.status}`);
    error.status = answer.status;
    error.code = said.error?.code;
    throw error;
  }
  return said;
}

document.addEventListener("click", (event) => {
  const { opens } = event.target.closest("[data-opens]")?.dataset ?? {};
  if (opens) document.getElementById(opens)?.showModal();
  event.target.closest("[data-closes]")?.closest("dialog")?.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
