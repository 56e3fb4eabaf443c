// A paper is printed by its button; without scripts the browser's own menu does it.
document.getElementById("print").addEventListener("click", () => window.print());
