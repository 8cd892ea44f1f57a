// One event stream from the server, for as long as anybody listens.

const RETRY_MS = 2000;

/** Calls `tell` with {kind: "change", what}, {kind: "online", again} or {kind: "offline"}. */
export function openStream(tell) {
  let online = false;
  let opened = false;
  let source;

  const lost = () => {
    if (online || !opened) tell({ kind: "offline" });
    online = false;
    opened = true;
  };

  const connect = () => {
    source = new EventSource("/live");
    source.addEventListener("open", () => {
      // Whatever was announced while the stream was down was missed: `again` asks for a refetch.
      tell({ kind: "online", again: opened });
      online = true;
      opened = true;
    });
    source.addEventListener("change", (event) => tell({ kind: "change", what: event.data }));
    source.addEventListener("error", () => {
      lost();
      // A refused stream (signed out, a restarting server behind a proxy) is closed for good by
      // the browser; a dropped one reconnects by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    });
  };
  connect();
  return { isOnline: () => online, close: () => source.close() };
}
