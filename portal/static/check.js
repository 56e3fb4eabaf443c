// The file is hashed here and its hash alone is sent. Where a browser cannot, or the file cannot be
// read, the form is sent as it stands, with the file.

const form = document.getElementById("compare");
const file = document.getElementById("file");
const how = document.getElementById("file-how");
const state = document.getElementById("hashing");
const able = window.isSecureContext && Boolean(window.crypto?.subtle);

async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (able) {
  how.textContent = how.dataset.here;
  form.addEventListener("submit", async (event) => {
    if (form.elements.sha256.value) return;
    event.preventDefault();
    state.textContent = form.dataset.hashing;
    try {
      form.elements.sha256.value = await sha256(file.files[0]);
      file.disabled = true;
    } catch {
      // too large for this browser's memory, or gone: it is sent
    }
    form.submit();
  });
  // back from the answer, by the browser's memory of pages
  window.addEventListener("pageshow", () => {
    form.elements.sha256.value = "";
    file.disabled = false;
    state.textContent = "";
  });
}
