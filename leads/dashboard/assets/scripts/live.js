// Draws the page again when the server says that something on it has changed: the page itself
// where it shows that, else what stands around it (the strip, the counts, the alarms).
import { openStream } from "./live-stream.js";
import { announce } from "./announcer.js";

const DEBOUNCE_MS = 100; // one call makes several changes in a row
const PATIENCE_MS = 1500; // a stream that is back at once was never worth a word
const CLOCK_MS = 60_000; // waiting times grow although nothing happens
const AROUND = "alarms";

let htmx;
let timer;
let wholePage = false;

export function startLive(its) {
  if (!document.getElementById(AROUND)) return; // nobody is signed in
  htmx = its;
  let warning;

  const hear = (message) => {
    if (message.kind === "change") {
      refetch(message.what);
    } else if (message.kind === "offline") {
      clearTimeout(warning);
      warning = setTimeout(() => showConnection("offline"), PATIENCE_MS);
    } else {
      clearTimeout(warning);
      if (document.documentElement.dataset.connection) announce("Back online.");
      showConnection("");
      // A change while this page was on its way here was told to the other tabs alone.
      if (message.again || message.changedAt > performance.timeOrigin) refetch("all");
    }
  };

  keepAnswers();
  listen(hear);
  setInterval(() => refetch("clock"), CLOCK_MS);
  catchUpAfterSleep();
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    listen(hear); // a page from the back-forward cache has lost its port
    refetch("all");
  });
}

// What a form has just brought, such as a link that is shown once, is newer than a page that was
// asked for before it: that one is dropped, and asked for again if the page shows such news at all.
function keepAnswers() {
  let answeredAt = 0;
  const isLive = ({ sourceElement }) => sourceElement?.id === "main" || sourceElement?.id === AROUND;
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => (ctx.askedAt = performance.now()));
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (!isLive(ctx)) answeredAt = performance.now();
    else if (ctx.askedAt < answeredAt || (ctx.sourceElement.id === "main" && !ctx.sourceElement.dataset.live)) {
      event.preventDefault();
      refetch("all");
    }
  });
}

/** Draw again what shows this: "lead:7 call:3", or "all". */
export function refetch(what) {
  const page = document.querySelector("#main[data-live]");
  if (page && concerns(page.dataset.live, what)) wholePage = true;
  else if (!concerns(document.getElementById(AROUND).dataset.live, what)) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    // A form may have brought meanwhile what is shown only once.
    const whole = wholePage && document.getElementById("main").dataset.live;
    htmx.trigger(document.getElementById(whole ? "main" : AROUND), "live");
    wholePage = false;
  }, DEBOUNCE_MS);
}

// A browser freezes the pages that it does not show, and a laptop everything: timers stand still,
// and the first that goes again finds that too much time has passed.
function catchUpAfterSleep() {
  const EVERY_MS = 5000;
  let seenAt = Date.now();
  setInterval(() => {
    if (Date.now() - seenAt > 4 * EVERY_MS) refetch("all");
    seenAt = Date.now();
  }, EVERY_MS);
  document.addEventListener("resume", () => refetch("all"));
  window.addEventListener("online", () => refetch("all"));
}

function listen(hear) {
  const address = document.querySelector('meta[name="live-worker"]').content;
  if (!("SharedWorker" in window)) {
    const stream = openStream(hear);
    window.addEventListener("pagehide", () => stream.close(), { once: true });
    return;
  }
  const { port } = new SharedWorker(address, { name: "ringback-live" });
  port.addEventListener("message", ({ data }) => hear(data));
  port.start();
  window.addEventListener("pagehide", () => port.postMessage("bye"), { once: true });
}

/** `wanted` names nouns ("call") or one of them ("lead:7"); `what` is "lead:7 call:3" or "all". */
export function concerns(wanted, what) {
  if (!wanted) return false; // a page that shows something only once
  const wants = wanted.split(" ");
  return what.split(" ").some((changed) => {
    const noun = changed.split(":")[0];
    return noun === "all" || noun === "clock" || wants.includes(noun) || wants.includes(changed);
  });
}

export function showConnection(state) {
  const shown = document.documentElement.dataset;
  if (state === (shown.connection ?? "")) return; // each redraw is refused anew, and said once
  if (state) {
    shown.connection = state;
    // Its line was hidden until now: a screen reader passes over what merely appears.
    announce(document.querySelector(`.connection.${state}`).textContent);
  } else delete shown.connection;
}
