// Two soft tones for a missed call: once, in one tab of the browser, for those who want it.
import { onState } from "./state.js";

const NOTICED = "ringback-noticed"; // the calls that this browser knows of, and since when
const REMEMBERED = 50;
const FRESH_MS = 10_000; // a call that was noticed longer ago is on the list, and no news
const DONE = 0; // stands for when, of a call that has been rung for or was found at the beginning
const VOICE_MS = 2000; // wireless loudspeakers take a while to wake
const TONES = [659.25, 880]; // E5, A5
const LOUDNESS = 0.06;

let audio;

export function startChime() {
  // Browsers give a page its voice with the first click or key, and not before.
  for (const type of ["pointerdown", "keydown"])
    document.addEventListener(type, () => voice().resume(), { once: true, capture: true });
  document.addEventListener("click", ({ target }) => {
    if (!target.closest?.("[data-chime-try]")) return;
    voice().resume();
    play();
  });
  onState(({ missed, chime }) => hear(missed.split(" ").filter(Boolean), chime === "on"));
}

async function hear(calls, wanted) {
  const sounds = wanted && unheard(calls, noticed(calls)).length > 0 && (await maySound());
  const rings = await alone(() => {
    const known = noticed(calls);
    const news = unheard(calls, known);
    for (const call of news) known.set(call, sounds ? DONE : (known.get(call) ?? Date.now()));
    localStorage.setItem(NOTICED, JSON.stringify([...known].slice(-REMEMBERED)));
    return sounds && news.length > 0;
  });
  if (rings) play();
}

const unheard = (calls, known) => calls.filter((call) => Date.now() - (known.get(call) ?? Infinity) < FRESH_MS);

/** What was missed before this browser came here for the first time is rung for by nobody. */
function noticed(calls) {
  const kept = localStorage.getItem(NOTICED);
  return new Map(kept === null ? calls.map((call) => [call, DONE]) : JSON.parse(kept));
}

/** A tab that nobody has clicked in is kept silent by its browser: it leaves the call to the others. */
async function maySound() {
  await Promise.race([voice().resume(), new Promise((over) => setTimeout(over, VOICE_MS))]);
  return audio.state === "running";
}

/** One tab after the other, so that one of them alone finds a call unheard. */
function alone(look) {
  // Only https and this machine have locks. Elsewhere two tabs may now and then ring together.
  return navigator.locks ? navigator.locks.request(NOTICED, look) : look();
}

const voice = () => (audio ??= new AudioContext());

function play() {
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
