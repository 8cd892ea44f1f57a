// A SharedWorker: all tabs of one browser share one stream, since HTTP/1.1 allows six per host.
import { openStream } from "./live-stream.js";

const ports = new Set();
let stream;
let changedAt = 0;

const tell = (message) => {
  if (message.kind === "change") changedAt = Date.now();
  for (const port of ports) port.postMessage(message);
};

self.addEventListener("connect", ({ ports: [port] }) => {
  ports.add(port);
  port.addEventListener("message", ({ data }) => {
    if (data === "bye") ports.delete(port);
  });
  port.start();
  if (stream?.isOnline()) port.postMessage({ kind: "online", again: false, changedAt });
  stream ??= openStream(tell);
});
