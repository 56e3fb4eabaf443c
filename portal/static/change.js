// The act that was asked for is unfolded.

const unfold = () => {
  const wanted = document.getElementById(location.hash.slice(1));
  if (!wanted?.matches("details.act")) return;
  wanted.open = true;
  wanted.querySelector("summary").focus();
};

window.addEventListener("hashchange", unfold);
unfold();
