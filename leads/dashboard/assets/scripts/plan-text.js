// While a plan's text is typed: how it reads filled in, and what it costs. The linter's words come
// with the next preview or save.
import { segments } from "./segments.js";

export function startPlanTexts() {
  document.addEventListener("input", ({ target }) => {
    const box = target.matches?.("textarea") && target.closest("[data-plan-text]");
    if (!box) return;
    const filled = fill(target.value.trim(), JSON.parse(box.dataset.planText));
    box.querySelector("[data-example]").textContent = filled || " ";
    const { count, units } = segments(filled);
    const size = `${units} characters, ${count} segment${count === 1 ? "" : "s"}`;
    box.querySelector("[data-count]").textContent = size;
  });
}

function fill(text, samples) {
  for (const [name, sample] of Object.entries(samples)) text = text.replaceAll(`{${name}}`, () => sample);
  return text;
}
