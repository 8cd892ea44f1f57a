// A password that is typed once can be looked at instead of being typed twice.

export function startRevealing() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-reveal]");
    if (!button) return;
    const field = document.getElementById(button.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    field.focus();
  });
}
