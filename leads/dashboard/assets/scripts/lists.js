// Choosing rows of a list: the box in the head takes all of the page, and the bar says how many.

export function startLists() {
  document.addEventListener("change", ({ target }) => {
    const form = target.closest?.("[data-choosing]");
    if (!form) return;
    if (target.matches("[data-choose-all]")) for (const box of boxes(form)) choose(box, target.checked);
    tell(form);
  });
  document.addEventListener("htmx:after:swap", tellAll);
  // The browser brings ticks back with the page when somebody comes back to it.
  window.addEventListener("pageshow", tellAll);
}

const boxes = (form) => [...form.querySelectorAll("[data-choose]")];

function tellAll() {
  for (const form of document.querySelectorAll("[data-choosing]")) tell(form);
}

// As if they had clicked it, so that a live redraw keeps it (morphing.js).
function choose(box, checked) {
  if (box.checked === checked) return;
  box.checked = checked;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function tell(form) {
  const all = boxes(form);
  const chosen = all.filter((box) => box.checked).length;
  const head = form.querySelector("[data-choose-all]");
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
  const words = form.querySelector("[data-chosen-count]");
  if (!words) return;
  const everybody = form.querySelector("[data-choose-everybody]")?.checked;
  words.textContent = everybody ? "With all that fit" : `${chosen} chosen`;
}
