// A settled row goes, and the next one slides under the mouse: the second click of a double click
// would settle a person whom nobody meant.

const CALM_MS = 700;
let calmUntil = 0;
let before = [];

export function startSettling() {
  document.addEventListener("htmx:before:swap", () => (before = order()));
  document.addEventListener("htmx:after:swap", () => {
    const after = order();
    if (before.some((id, index) => id !== after[index])) calmUntil = performance.now() + CALM_MS;
  });
  // Capturing, so that neither htmx nor a menu hears of it. A key's click has no detail: the
  // keyboard stays where its focus is, and rows do not slide under it.
  document.addEventListener(
    "click",
    (event) => {
      const button = event.detail && event.target.closest?.("[data-row] :is(button, summary)");
      if (!button) return;
      const underWay = button.form?.classList.contains("htmx-request");
      if (!underWay && performance.now() >= calmUntil) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
}

const order = () => [...document.querySelectorAll("[data-row]")].map((row) => row.id);
