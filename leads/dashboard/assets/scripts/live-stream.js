// One event stream from the server, for as long as anybody listens.

const RETRY_MS = 2000;
const WATCH_MS = 5000;
// The server says something every 15 s. After sleep, a dead connection looks like a quiet one.
const SILENCE_MS = 40_000;

/** Calls `tell` with {kind: "change", what}, {kind: "online", again} or {kind: "offline"}. */
export function openStream(tell) {
  let online = false;
  let opened = false;
  let heardAt = Date.now();
  let source;
  let retry;

  const lost = () => {
    if (online || !opened) tell({ kind: "offline" });
    online = false;
    opened = true;
  };

  const connect = () => {
    clearTimeout(retry);
    source?.close();
    heardAt = Date.now();
    source = new EventSource("/live");
    source.addEventListener("open", () => {
      heardAt = Date.now();
      // Whatever was announced while the stream was down was missed: `again` asks for a refetch.
      tell({ kind: "online", again: opened });
      online = true;
      opened = true;
    });
    source.addEventListener("beat", () => (heardAt = Date.now()));
    source.addEventListener("change", (event) => {
      heardAt = Date.now();
      tell({ kind: "change", what: event.data });
    });
    source.addEventListener("error", () => {
      lost();
      // A refused stream (signed out, a restarting server behind a proxy) is closed for good by
      // the browser; a dropped one reconnects by itself.
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
    });
  };
  connect();
  const watch = setInterval(() => {
    if (source.readyState !== EventSource.OPEN || Date.now() - heardAt < SILENCE_MS) return;
    lost();
    connect();
  }, WATCH_MS);
  return {
    isOnline: () => online,
    close: () => {
      clearInterval(watch);
      clearTimeout(retry);
      source.close();
    },
  };
}
