// Says what happened: to screen readers politely, and to eyes in a small note at the bottom.

const SHOWN_MS = 4000;
let timer;

export function announce(words, tone = "done") {
  const note = document.getElementById("announcer");
  note.textContent = words;
  note.dataset.tone = tone;
  clearTimeout(timer);
  if (tone === "done") timer = setTimeout(() => (note.textContent = ""), SHOWN_MS);
}
