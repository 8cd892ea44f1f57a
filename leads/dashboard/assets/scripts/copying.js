// Copies what an element shows, such as a link that is shown once.
import { announce } from "./announcer.js";

export function startCopying() {
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("[data-copy]");
    if (!button) return;
    const shown = document.getElementById(button.dataset.copy);
    if (await copied(shown)) announce("Copied.");
    else announce("This browser does not copy by itself. The link is marked: copy it from here.", "problem");
  });
}

/** Without https (a dashboard on the clinic's own network) there is no clipboard to write to. */
async function copied(shown) {
  try {
    await navigator.clipboard.writeText(shown.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(shown);
    return document.execCommand("copy");
  }
}
