// A settled row goes, and the next one slides under the mouse: the second click of a double click
// would settle a person whom nobody meant. The keyboard never loses its place, and learns at once
// when the row that it was on has gone.

const CALM_MS = 700;
let calmUntil = 0;
let keysCalmUntil = 0;
let before = [];
let place;
const underWay = new Map(); // what was sent here and whose answer is not drawn yet: the row of each

export function startSettling() {
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    const row = ctx.sourceElement?.tagName === "FORM" && ctx.sourceElement.closest("[data-row]");
    if (row) underWay.set(ctx, row.id);
  });
  // Refused: nothing was settled here, so a colleague's settling of it is news. Over, which comes
  // when everybody has heard of its swap: who was claimed or tried here can still be answered by
  // others, or ring again.
  for (const over of ["htmx:response:error", "htmx:finally:request"])
    document.addEventListener(over, ({ detail: { ctx } }) => underWay.delete(ctx));
  let written = [];
  document.addEventListener("htmx:before:swap", () => {
    written = halfTexts();
    before = order();
    place = placeOfFocus();
  });
  document.addEventListener("htmx:after:swap", () => {
    const after = order();
    if (before.some((id, index) => id !== after[index])) calmUntil = performance.now() + CALM_MS;
    if (place && !isMine(place.row) && !after.includes(place.row)) keysCalmUntil = performance.now() + CALM_MS;
    for (const each of written) if (!isMine(each.row) && !after.includes(each.row)) keepWords(each);
    requestAnimationFrame(() => keepFocus(place));
  });
  // Capturing, so that neither htmx nor a menu hears of it. A key's click has no detail: the
  // keyboard stays where its focus is, and rows do not slide under it.
  document.addEventListener(
    "click",
    (event) => {
      const button = event.detail && event.target.closest?.("[data-row] :is(button, summary)");
      if (!button) return;
      const isSent = button.form?.classList.contains("htmx-request");
      if (!isSent && performance.now() >= calmUntil) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
}

/** Whether the chosen row has just been settled by somebody else: the next one was not meant. */
export const isSettling = () => performance.now() < keysCalmUntil;

/** Whether what becomes of this row is done here, just now; a live redraw may tell of it first. */
export const isMine = (row) => [...underWay.values()].includes(row);

/** What has become of a row that a redraw took away, as far as this page tells. */
export function whereabouts(row) {
  const lead = row.replace("lead-", "");
  if (document.getElementById(`away-${lead}`)) return "is snoozed";
  // Somebody may have been put before them, and they stand on the next page.
  return document.querySelector(".rows[data-cut]") ? "is off this page" : "is off the list";
}

const order = () => [...document.querySelectorAll("[data-row]")].map((row) => row.id);

const halfTexts = () =>
  [...document.querySelectorAll("[data-row] textarea")]
    .filter((box) => box.value.trim())
    .map((box) => {
      const row = box.closest("[data-row]");
      return { row: row.id, name: row.querySelector(".name").textContent.trim(), words: box.value };
    });

/** Whom somebody here was writing to is gone from the list: the words stay until they are read. */
function keepWords({ row, name, words }) {
  const told = document.createElement("p");
  told.className = "caution kept";
  told.id = "kept";
  told.setAttribute("role", "status");
  told.textContent = `${name} ${whereabouts(row)}. You had written: ${words}`;
  const lead = document.createElement("a");
  lead.href = `/leads/${row.replace("lead-", "")}`;
  lead.textContent = "Open the lead";
  const close = document.createElement("button");
  close.className = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => told.remove());
  told.append(" ", lead, " ", close);
  document.getElementById("main").before(told);
}

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
