// While a text is typed: how many segments it takes, and why it suddenly takes more.
import { segments } from "./segments.js";

export function startComposers() {
  const show = ({ target }) => {
    const box = target.closest?.("[data-composer]");
    if (box) box.querySelector("[data-count]").textContent = words(box.querySelector("textarea").value);
  };
  document.addEventListener("input", show);
  document.addEventListener("reset", (event) => setTimeout(() => show(event)));
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("[data-composer]");
    if (box && event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.requestSubmit();
  });
}

function words(body) {
  const { count, units, forcing } = segments(body.trim());
  if (!units) return "";
  const size = count === 1 ? "1 segment" : `${count} segments`;
  const why = forcing ? ` · “${forcing}” makes each segment shorter` : "";
  return `${body.trim().length} characters · ${size}${why}`;
}
