// Keys for what the desk does all day. Pressing a key clicks whatever carries it as `data-key`:
// inside the row that the focus is in (or the first row), else anywhere on the page.

export function startShortcuts() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const wanted = `[data-key="${CSS.escape(event.key)}"]`;
    const row = event.target.closest("[data-row]") ?? document.querySelector("[data-row]");
    const found = row?.querySelector(wanted) ?? document.querySelector(wanted);
    if (!found) return;
    event.preventDefault();
    found.click();
  });
}

function isTyping(element) {
  return element.matches("input, textarea, select, [contenteditable]");
}
