// A live refresh changes the page under people's hands. What they typed, opened or play stays.

const touched = new WeakSet();
const FIELDS = "input, textarea, select";

export function keepWhatPeopleDo(htmx) {
  for (const type of ["input", "change"])
    document.addEventListener(type, ({ target }) => target.matches?.(FIELDS) && touched.add(target));

  htmx.registerExtension("keep", {
    htmx_before_morph_node: (_, { oldNode }) => !touched.has(oldNode),
    htmx_before_morph_attr: (element, { attrName }) =>
      !(attrName === "open" && element.tagName === "DETAILS"),
  });

  let place;
  document.addEventListener("htmx:before:swap", () => (place = placeOfFocus()));
  document.addEventListener("htmx:after:swap", () => restoreFocus(place));
}

/** After a form went through, its fields follow the server again. */
export function release(form) {
  for (const field of form.elements) touched.delete(field);
}

function placeOfFocus() {
  const row = document.activeElement?.closest("[data-row]");
  return row && { id: row.id, index: [...document.querySelectorAll("[data-row]")].indexOf(row) };
}

// The row under the focus was settled and is gone: the keyboard goes on at the one in its place.
function restoreFocus(place) {
  if (!place || document.getElementById(place.id)) return;
  const rows = document.querySelectorAll("[data-row]");
  const row = rows[Math.min(place.index, rows.length - 1)];
  (row?.querySelector("a, button") ?? document.getElementById("main")).focus({ preventScroll: !row });
}
