// Handing in: files and folders by drag and drop, with progress; sent again, it is the same hand-in.

const form = document.getElementById("drop");
if (form) begin();

function begin() {
  const said = form.dataset;
  const list = document.getElementById("chosen");
  const zone = document.getElementById("zone");
  const alarm = document.getElementById("said");
  const total = document.getElementById("total");
  const going = document.getElementById("going");
  const cancel = document.getElementById("cancel");
  const send = form.querySelector("button[type=submit]");
  const code = document.getElementById("code");
  const chosen = [];
  let key = null;
  let skipped = 0;

  for (const one of document.querySelectorAll("[data-js]")) one.hidden = false;

  for (const id of ["component", "result", "folder"]) {
    const input = document.getElementById(id);
    input.addEventListener("change", () => {
      for (const file of input.files) add(file, file.webkitRelativePath || "", id === "folder" ? null : id);
      input.value = "";
      show();
    });
  }
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("over");
  });
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const files = [...event.dataTransfer.files]; // both are gone once something was awaited
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (entries.length) for (const entry of entries) await walk(entry);
    else for (const file of files) add(file, "", null);
    show();
  });
  // a file that misses the zone must not take the place of the page
  for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
  form.addEventListener("input", () => (key = null));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendAll();
  });

  async function walk(entry) {
    if (entry.isFile) {
      add(await new Promise((done, wrong) => entry.file(done, wrong)), entry.fullPath.slice(1), null);
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((done, wrong) => reader.readEntries(done, wrong));
      if (!some.length) return;
      for (const one of some) await walk(one);
    }
  }

  const slug = (name) => name.replace(/[đĐ]/g, "d").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "-");

  function add(file, path, role) {
    const folders = path.split("/").slice(0, -1);
    if ([...folders, file.name].some((name) => /^(\.|~\$|thumbs\.db$|desktop\.ini$|__macosx$|@eadir$)/i.test(name))) {
      skipped += 1;
      return;
    }
    if (folders.length && !code.value && /^[\dA-Z.]+-\d{6}-[\dA-Z]{4,}$/.test(folders[0])) code.value = folders[0];
    chosen.push({ file, role: role ?? (folders.some((name) => slug(name) === "ket-qua") ? "result" : "component") });
    key = null;
  }

  const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} MB`);

  function show() {
    list.replaceChildren(
      ...chosen.map((one, at) => {
        const line = document.createElement("li");
        const name = document.createElement("span");
        name.className = "name";
        name.textContent = `${one.file.name} · ${size(one.file.size)}`;
        name.title = one.file.name;
        const role = document.createElement("select");
        role.setAttribute("aria-label", `${said.role}: ${one.file.name}`);
        for (const value of ["component", "result"]) role.add(new Option(said[value], value, false, value === one.role));
        role.addEventListener("change", () => {
          one.role = role.value;
          key = null;
        });
        const remove = document.createElement("button");
        remove.type = "button";
        remove.className = "button button-small";
        remove.textContent = said.remove;
        remove.setAttribute("aria-label", `${said.remove} ${one.file.name}`);
        remove.addEventListener("click", () => {
          chosen.splice(at, 1);
          key = null;
          show();
          send.focus();
        });
        line.append(name, role, remove);
        return line;
      }),
    );
    const bytes = chosen.reduce((sum, one) => sum + one.file.size, 0);
    const words = chosen.length ? [said.total.replace("#", chosen.length).replace("@", size(bytes))] : [];
    if (skipped) words.push(said.skipped.replace("#", skipped));
    total.textContent = words.join(" ");
    const wrong = refusal();
    alarm.replaceChildren();
    if (wrong && chosen.length) alarmWith(wrong);
  }

  function refusal() {
    if (!chosen.length) return said.none;
    if (chosen.length > Number(said.files)) return said.tooMany;
    if (chosen.some((one) => one.file.size > Number(said.file) * 1e6)) return said.fileTooLarge;
    if (chosen.reduce((sum, one) => sum + one.file.size, 0) > Number(said.all) * 1e6) return said.tooLarge;
    return null;
  }

  function alarmWith(text) {
    const notice = document.createElement("div");
    notice.className = "notice notice-bad";
    notice.textContent = text;
    alarm.replaceChildren(notice);
  }

  function sendAll() {
    const wrong = refusal();
    if (wrong) {
      alarmWith(wrong);
      return;
    }
    alarm.replaceChildren();
    const body = new FormData();
    for (const name of ["department", "code"]) body.append(name, form.elements[name]?.value ?? "");
    for (const one of chosen) body.append(one.role, one.file, one.file.name);
    key ??= [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/dossiers");
    request.setRequestHeader("Idempotency-Key", key);
    request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
    request.responseType = "json";
    let spoken = -10;
    request.upload.addEventListener("progress", (event) => {
      const percent = Math.floor((100 * event.loaded) / event.total);
      document.getElementById("progress").value = percent;
      if (percent - spoken >= 10 || percent === 100) {
        spoken = percent;
        const words = percent === 100 ? said.checking : said.sending.replace("#", `${percent} %`);
        document.getElementById("progress-text").textContent = words;
      }
    });
    const leaving = (event) => event.preventDefault();
    const stop = () => request.abort();
    const end = () => {
      going.hidden = cancel.hidden = true;
      send.disabled = false;
      window.removeEventListener("beforeunload", leaving);
      cancel.removeEventListener("click", stop);
    };
    request.addEventListener("load", () => {
      end();
      const answer = request.response ?? {};
      if (request.status === 202) {
        location.assign(`/drop/${encodeURIComponent(answer.dossier)}?department=${encodeURIComponent(answer.department)}&done=handed_in`);
      } else {
        alarmWith(answer.error?.sentence ?? said.cutOff);
      }
    });
    request.addEventListener("error", () => {
      end();
      alarmWith(said.cutOff);
    });
    request.addEventListener("abort", end);
    window.addEventListener("beforeunload", leaving);
    cancel.addEventListener("click", stop);
    going.hidden = cancel.hidden = false;
    send.disabled = true;
    request.send(body);
  }
}
