// A link to a voicemail becomes a play button; the full player is on the lead's page.

let audio;
let playing;

export function startPlayers() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-play]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (playing === link && !audio.paused) return audio.pause();
    if (playing !== link) start(link);
    audio.play().catch(() => (show(link, false), location.assign(link.href)));
  });
}

function start(link) {
  if (audio) audio.pause();
  if (playing) show(playing, false);
  playing = link;
  audio = new Audio(link.href);
  audio.addEventListener("play", () => show(link, true));
  for (const type of ["pause", "ended"]) audio.addEventListener(type, () => show(link, false));
}

function show(link, on) {
  link.classList.toggle("playing", on);
  const icon = link.querySelector("use");
  icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, on ? "#pause" : "#play"));
}
