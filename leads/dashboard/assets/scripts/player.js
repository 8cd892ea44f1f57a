// Voicemails and recorded calls. A link in a row becomes a play button; on the lead's page the
// whole player stands, with speed and keys. Without a script there is the browser's own.

const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const REMEMBERED = "ringback-speed";
const LONG_STEP = 10; // seconds, by j and l
const SHORT_STEP = 5; // seconds, by the arrows

let audio;
let playing;

export function startPlayers() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-play]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (playing === link && !audio.paused) return audio.pause();
    if (playing !== link) start(link);
    audio.play().catch(({ name }) => {
      if (name === "AbortError") return; // stopped again before a sound came
      show(link, false);
      location.assign(link.href);
    });
  });
  equipAll();
  document.addEventListener("htmx:after:swap", equipAll);
}

function start(link) {
  if (audio) audio.pause();
  if (playing) show(playing, false);
  playing = link;
  audio = new Audio(link.href);
  audio.addEventListener("play", () => {
    audio.playbackRate = speed();
    show(link, true);
  });
  for (const type of ["pause", "ended"]) audio.addEventListener(type, () => show(link, false));
}

function show(link, on) {
  link.classList.toggle("playing", on);
  draw(link, on);
}

function draw(place, on) {
  const icon = place.querySelector("use");
  icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, on ? "#pause" : "#play"));
}

function equipAll() {
  for (const box of document.querySelectorAll("[data-player]:not(.equipped)")) equip(box);
}

// A redraw skips the player (hx-morph-skip): what is built here stays until the page goes.
function equip(box) {
  const sound = box.querySelector("audio");
  const parts = build(box, Number(sound.dataset.seconds));
  box.classList.add("equipped");
  sound.controls = false;
  sound.addEventListener("play", () => {
    for (const other of document.querySelectorAll("[data-player] audio"))
      if (other !== sound) other.pause();
    sound.playbackRate = speed();
  });
  for (const type of ["play", "pause", "ended", "timeupdate", "durationchange", "seeked"])
    sound.addEventListener(type, () => tell(sound, parts));
  sound.addEventListener("error", () => (parts.time.textContent = "It cannot be played. Reload the page."));
  parts.button.addEventListener("click", () => toggle(sound));
  parts.place.addEventListener("input", () => seek(sound, Number(parts.place.value)));
  parts.speed.addEventListener("change", () => hurry(Number(parts.speed.value)));
  // Before the page's own keys: inside a player j is ten seconds back, and no other row.
  box.addEventListener("keydown", (event) => {
    if (!press(event, sound)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  tell(sound, parts);
}

function build(box, seconds) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button square";
  button.append(box.querySelector("template").content.cloneNode(true));
  const place = document.createElement("input");
  Object.assign(place, { type: "range", min: 0, max: Math.max(seconds, 1), step: 1, value: 0 });
  place.setAttribute("aria-label", "Position");
  const time = document.createElement("span");
  time.className = "time";
  const rate = document.createElement("select");
  rate.setAttribute("aria-label", "Speed");
  for (const each of SPEEDS) rate.add(new Option(`${each}×`, each, false, each === speed()));
  box.append(button, place, time, rate);
  return { button, place, time, speed: rate, seconds };
}

function tell(sound, { button, place, time, seconds }) {
  const whole = Math.round(Number.isFinite(sound.duration) ? sound.duration : seconds);
  const at = Math.min(Math.round(sound.currentTime), whole);
  button.setAttribute("aria-label", sound.paused ? "Play" : "Pause");
  draw(button, !sound.paused);
  place.max = Math.max(whole, 1);
  place.value = at;
  place.setAttribute("aria-valuetext", `${clock(at)} of ${clock(whole)}`);
  time.textContent = `${clock(at)} / ${clock(whole)}`;
}

/** Whether the key was one of the player's. */
function press({ key, target, ctrlKey, metaKey, altKey }, sound) {
  if (ctrlKey || metaKey || altKey) return false;
  if (key === "k") return toggle(sound);
  if (key === "j") return seek(sound, sound.currentTime - LONG_STEP);
  if (key === "l") return seek(sound, sound.currentTime + LONG_STEP);
  if (target.tagName === "SELECT") return false; // its arrows choose the speed
  if (key === "ArrowLeft") return seek(sound, sound.currentTime - SHORT_STEP);
  if (key === "ArrowRight") return seek(sound, sound.currentTime + SHORT_STEP);
  return key === " " && target.tagName !== "BUTTON" && toggle(sound);
}

function toggle(sound) {
  if (sound.paused) sound.play().catch(() => {}); // its error event says so
  else sound.pause();
  return true;
}

// A sound that has not begun to load has no place to go to: it begins there once it plays.
function seek(sound, to) {
  const at = Math.max(to, 0);
  if (sound.readyState) sound.currentTime = Math.min(at, sound.duration || at);
  else {
    sound.addEventListener("loadedmetadata", () => (sound.currentTime = Math.min(at, sound.duration)), { once: true });
    sound.preload = "metadata";
    sound.load();
  }
  return true;
}

function speed() {
  const kept = Number(localStorage.getItem(REMEMBERED));
  return SPEEDS.includes(kept) ? kept : 1;
}

// For every player here, and for those of tomorrow.
function hurry(rate) {
  localStorage.setItem(REMEMBERED, rate);
  if (audio) audio.playbackRate = rate;
  for (const box of document.querySelectorAll("[data-player].equipped")) {
    box.querySelector("audio").playbackRate = rate;
    box.querySelector("select").value = rate;
  }
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
