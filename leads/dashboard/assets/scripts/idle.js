// Nobody is signed out without a word: ten minutes before the end a bar says so, and any key or
// click puts it off. What is typed stays on the page whatever happens.
import { refetch } from "./live.js";
import { onState } from "./state.js";

const WARN_MS = 10 * 60_000;
const WARN_LONGEST_MS = 30 * 60_000;
const LOOK_MS = 1000;

let drawn;
let idleAt; // by this browser's clock
let longestAt;
let token;
let shown = "";
let asking = false;

export function startIdle() {
  if (!document.getElementById("state")) return;
  onState(read);
  look();
  setInterval(look, LOOK_MS);
  for (const type of ["pointerdown", "keydown"])
    document.addEventListener(type, () => shown === "idle" && stay(), { capture: true });
  others?.addEventListener("message", () => refetch("clock"));
}

const others = "BroadcastChannel" in window ? new BroadcastChannel("ringback-session") : null;

function read(state) {
  if (state.drawn === drawn) return;
  drawn = state.drawn;
  idleAt = Date.now() + 1000 * Number(state.idle);
  longestAt = Date.now() + 1000 * Number(state.longest);
  token = state.token;
  // Somebody signed in anew in another tab: the forms of this one go on with it.
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
}

function look() {
  const now = Date.now();
  const idle = idleAt < longestAt && idleAt - now < WARN_MS;
  const longest = longestAt <= idleAt && longestAt - now < WARN_LONGEST_MS;
  const over = end() <= now;
  show(over ? "" : longest ? "longest" : idle ? "idle" : "");
  const left = document.getElementById("ending-left");
  if (left && left.textContent !== spoken(now)) left.textContent = spoken(now);
}

function show(what) {
  if (what === shown) return;
  shown = what;
  const bar = document.getElementById("ending");
  bar.replaceChildren();
  if (what) document.documentElement.dataset.ending = what;
  else delete document.documentElement.dataset.ending;
  if (what === "idle") {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "button",
      textContent: "Stay signed in",
    });
    button.addEventListener("click", stay);
    bar.append(...told("Nobody has used Ringback for a long time: you will be signed out ", ". Any key or click keeps you signed in. "), button);
  } else if (what === "longest") {
    bar.append(...told("You have been signed in for a week, which is the longest: you will be signed out ", ". What you type stays on this page; sign in again then, in a new tab."));
  }
}

/** For eyes a running count; for screen readers the hour, read out once and true until the end. */
function told(before, after) {
  const seen = document.createElement("span");
  seen.setAttribute("aria-hidden", "true");
  const left = Object.assign(document.createElement("b"), { id: "ending-left", textContent: spoken(Date.now()) });
  seen.append(`${before}in `, left, after);
  const hour = new Date(end()).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
  const heard = Object.assign(document.createElement("span"), { className: "sr-only", textContent: `${before}at ${hour}${after}` });
  return [heard, seen];
}

const end = () => Math.min(idleAt, longestAt);

/** How long it is from `now` to the end. */
function spoken(now) {
  const minutes = Math.floor((end() - now) / 60_000);
  if (minutes >= 1) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  return "less than a minute";
}

async function stay() {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch("/session/activity", { method: "POST", headers: { "X-CSRF-Token": token } });
    if (answer.ok) others?.postMessage("here");
    refetch("clock"); // which brings the new end, or says that it is over
  } catch {
    // Offline: the bar stays, and the next key asks again.
  } finally {
    asking = false;
  }
}
