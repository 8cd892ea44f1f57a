// Draws the page again when the server says that something on it has changed.
import { openStream } from "./live-stream.js";
import { announce } from "./announcer.js";

const DEBOUNCE_MS = 100; // one call makes several changes in a row
const PATIENCE_MS = 1500; // a stream that is back at once was never worth a word
const CLOCK_MS = 60_000; // waiting times grow although nothing happens

export function startLive(htmx) {
  const region = document.querySelector("[data-live]");
  if (!region) return;
  let timer;
  let warning;

  const refetch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => htmx.trigger(region, "live"), DEBOUNCE_MS);
  };

  const hear = (message) => {
    if (message.kind === "change") {
      if (concerns(region.dataset.live, message.what)) refetch();
    } else if (message.kind === "offline") {
      clearTimeout(warning);
      warning = setTimeout(() => showConnection("offline"), PATIENCE_MS);
    } else {
      clearTimeout(warning);
      if (document.documentElement.dataset.connection) announce("Back online.");
      showConnection("");
      if (message.again) refetch();
    }
  };

  listen(hear);
  setInterval(refetch, CLOCK_MS);
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    listen(hear); // a page from the back-forward cache has lost its port
    refetch();
  });
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
  const wants = wanted.split(" ");
  return what.split(" ").some((changed) => {
    const noun = changed.split(":")[0];
    return noun === "all" || noun === "clock" || wants.includes(noun) || wants.includes(changed);
  });
}

export function showConnection(state) {
  if (state) document.documentElement.dataset.connection = state;
  else delete document.documentElement.dataset.connection;
}
