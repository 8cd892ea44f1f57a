// Whoever dials a number of the list says so to the colleagues: with the call from this device goes
// the claim, as if its button had been pressed. Without a script the number is merely dialled.

export function startDialling() {
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("a[data-claims]");
    const button = link && document.getElementById(link.dataset.claims);
    if (button && !button.form.classList.contains("htmx-request")) button.form.requestSubmit(button);
  });
}
