// A settled row goes, and the next one slides under the mouse: the second click of a double click
// would settle a person whom nobody meant. The keyboard never loses its place, and learns at once
// when a colleague has settled the row that it was on.

const CALM_MS = 700;
let calmUntil = 0;
let keysCalmUntil = 0;
let before = [];
let place;

export function startSettling() {
  document.addEventListener("htmx:before:swap", () => {
    before = order();
    place = placeOfFocus();
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const after = order();
    if (before.some((id, index) => id !== after[index])) calmUntil = performance.now() + CALM_MS;
    const byOthers = ctx.sourceElement?.tagName !== "FORM";
    if (byOthers && place?.row && !after.includes(place.row)) keysCalmUntil = performance.now() + CALM_MS;
    requestAnimationFrame(() => keepFocus(place));
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

/** Whether the chosen row has just been settled by somebody else: the next one was not meant. */
export const isSettling = () => performance.now() < keysCalmUntil;

const order = () => [...document.querySelectorAll("[data-row]")].map((row) => row.id);

function placeOfFocus() {
  const focused = document.activeElement;
  const row = focused?.closest("[data-row]");
  return row && { row: row.id, menu: focused.closest("details")?.id };
}

/** The row is still there, but what had the focus is not: its menu has closed over it. */
function keepFocus(was) {
  const row = was && document.getElementById(was.row);
  const focused = document.activeElement;
  if (!row || (focused && focused !== document.body && focused.checkVisibility())) return;
  const menu = was.menu && document.getElementById(was.menu);
  (menu?.querySelector("summary") ?? row.querySelector("a, button")).focus({ preventScroll: true });
}
