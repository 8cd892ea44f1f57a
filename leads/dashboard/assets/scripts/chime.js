// Two soft tones for a missed call: once, in one tab of the browser, for those who want it.
import { onState } from "./state.js";

const RUNG = "ringback-rung"; // the calls that this browser has rung for, or found when it came
const REMEMBERED = 50;
const TONES = [659.25, 880]; // E5, A5
const LOUDNESS = 0.06;

let audio;

export function startChime() {
  // Browsers give a page its voice with the first click or key, and not before.
  for (const type of ["pointerdown", "keydown"])
    document.addEventListener(type, () => voice().resume(), { once: true, capture: true });
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-chime-try]")) play();
  });
  onState(({ missed, chime }) => hear(missed.split(" ").filter(Boolean), chime === "on"));
}

async function hear(calls, wanted) {
  const fresh = await alone(() => {
    const known = localStorage.getItem(RUNG);
    const rung = known === null ? calls : known.split(" ");
    const unheard = calls.filter((call) => !rung.includes(call));
    if (known === null || unheard.length)
      localStorage.setItem(RUNG, [...unheard, ...rung].slice(0, REMEMBERED).join(" "));
    return unheard;
  });
  if (wanted && fresh.length) play();
}

/** One tab after the other, so that one of them alone finds a call unheard. */
function alone(look) {
  // Only https and this machine have locks. Elsewhere two tabs may now and then ring together.
  return navigator.locks ? navigator.locks.request(RUNG, look) : look();
}

const voice = () => (audio ??= new AudioContext());

function play() {
  voice().resume();
  TONES.forEach((pitch, place) => {
    const at = audio.currentTime + 0.18 * place;
    const tone = new OscillatorNode(audio, { type: "sine", frequency: pitch });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.7);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.75);
  });
}
