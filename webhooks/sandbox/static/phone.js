// The page of the sandbox: one caller's phone, the practice's phones, and the caller's texts.
// It asks for a view of the exchange twice a second and draws it; all text goes in as text.

const PEOPLE = [
  ["Maria Lopez", "+14255550142"],
  ["James Carter", "+12065550117"],
  ["Ruth Olsen", "+14255550163"],
  ["Dana Kim, New York", "+19175550123"],
  ["Elm Street Supplies", "+13605550188"],
  ["A withheld number", "+266696687"],
];
const FINAL = new Set(["completed", "busy", "failed", "no-answer", "canceled"]);
const $ = (id) => document.getElementById(id);

let view = null;
let mine = null; // SID of the call that this page watches
let spoken = 0; // how much of its transcript has been said aloud

// Asking and telling.

async function ask(method, path, body) {
  const response = await fetch(`/sandbox/api${path}`, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  if (response.status === 204) return null;
  const told = await response.json();
  if (!response.ok) throw new Error(problemIn(told));
  return told;
}

function problemIn(told) {
  if (told.error) return told.error;
  if (Array.isArray(told.detail)) return told.detail.map((d) => d.msg.replace("Value error, ", "")).join(" ");
  return String(told.detail);
}

async function act(method, path, body) {
  show($("problem"), false);
  try {
    const told = await ask(method, path, body);
    await refresh();
    return told;
  } catch (error) {
    $("problem").textContent = error.message;
    show($("problem"), true);
    return null;
  }
}

async function refresh() {
  const next = await ask("GET", `/view?seen=${view ? view.revision : -1}`);
  if (next) {
    view = next;
    draw();
  }
}

async function watch() {
  try {
    await refresh();
    drawTimer();
    show($("offline"), false);
  } catch {
    view = null;
    show($("offline"), true);
  }
  setTimeout(watch, 500);
}

// Drawing.

function draw() {
  const call = current();
  drawNumbers();
  drawCall(call);
  drawLegs(call);
  drawHeard(call);
  drawTexts();
  drawWire();
  show($("clock"), view.clock);
  show($("faults"), view.faults.length > 0);
  $("faults").firstElementChild.textContent = `Faults are switched on: ${view.faults.join(", ")}.`;
}

function current() {
  const running = view.calls.find((call) => !FINAL.has(call.status));
  const chosen = view.calls.find((call) => call.sid === mine);
  const call = chosen && !FINAL.has(chosen.status) ? chosen : running || chosen || view.calls[0];
  if (call && call.sid !== mine) {
    mine = call.sid;
    spoken = FINAL.has(call.status) ? call.transcript.length : 0;
  }
  return call;
}

function drawNumbers() {
  fill($("numbers"), view.numbers.map((n) => element("option", { value: n.number, label: n.shown })));
  if (!$("to").value && view.numbers.length) $("to").value = view.numbers[0].number;
}

function drawCall(call) {
  const live = Boolean(call) && !FINAL.has(call.status);
  show($("dial"), !live);
  show($("in-call"), live);
  show($("message"), live && call.listening === "voicemail");
  if (live) $("state").textContent = stateOf(call);
}

function stateOf(call) {
  const connected = call.legs.find((leg) => leg.status === "in-progress");
  if (call.listening === "voicemail") return "Leave a message";
  if (call.listening === "keys") return "Waiting for a key";
  if (call.listening === "talk" && connected) return `Talking with ${pretty(connected.to)}`;
  return call.legs.some(rings) || call.status === "ringing" ? "Ringing" : "Connected";
}

function drawTimer() {
  const call = view && view.calls.find((c) => c.sid === mine);
  if (!call || FINAL.has(call.status)) return;
  const seconds = (Date.now() - Date.parse(call.created_at)) / 1000;
  $("timer").textContent = `${pretty(call.from)} · ${clockTime(seconds)}`;
}

function drawLegs(call) {
  // Of a call that the practice makes, the phone that is rung first is the call itself.
  const legs = call ? [...(isOurs(call) ? [call] : []), ...call.legs] : [];
  if (!legs.length) {
    const words = !call ? "Call a number, and the phones that it rings appear here."
      : FINAL.has(call.status) ? "The last call rang no phone here." : "No phone has been rung yet.";
    fill($("legs"), [element("p", { class: "empty", text: words })]);
    return;
  }
  fill($("legs"), legs.map((leg) => drawLeg(call, leg)));
}

function drawLeg(call, leg) {
  const label = element("div", {}, [
    element("b", { text: pretty(leg.to) }),
    element("span", { class: "quiet", text: legState(call, leg) }),
  ]);
  const first = leg === call;
  const box = element("div", { class: rings(leg) ? "leg ringing" : "leg" }, [label]);
  const buttons = [];
  if (rings(leg)) {
    buttons.push(button("Answer", "answer", () => act("POST", `/calls/${call.sid}/answer`, { leg: leg.sid })));
  } else if (leg.listening === "keys") {
    for (const key of "12") {
      buttons.push(button(key, "", () => act("POST", first ? `/calls/${call.sid}/keys` : `/calls/${call.sid}/legs/${leg.sid}/keys`, { digits: key })));
    }
  }
  if (leg.status === "in-progress") {
    buttons.push(button("Hang up", "hang-up", () => act("POST", `/calls/${call.sid}/hangup`, { by: first ? "caller" : "callee" })));
  }
  if (buttons.length) box.append(element("div", { class: "row" }, buttons));
  return box;
}

function isOurs(call) {
  return Boolean(call) && call.direction === "outbound-api";
}

function rings(leg) {
  return ["queued", "initiated", "ringing"].includes(leg.status);
}

function legState(call, leg) {
  if (rings(leg)) return leg.whisper ? "Ringing; asks for a key" : "Ringing";
  if (leg.status === "in-progress") return leg.listening === "keys" ? "Asked for a key" : "Picked up";
  const words = { completed: "Hung up", busy: "Busy", "no-answer": "Did not answer", canceled: "Stopped ringing" };
  return words[leg.status] || leg.status;
}

function drawHeard(call) {
  const entries = call ? call.transcript.filter((entry) => heardAs(entry)) : [];
  if (!entries.length) {
    fill($("heard"), [element("li", { class: "empty", text: "What the caller hears is written here, and spoken." })]);
  } else {
    fill($("heard"), entries.map((entry) => element("li", {}, [
      element("time", { text: clockTime(entry.at) }),
      element("span", { class: kindOf(entry), text: heardAs(entry) }),
    ])));
  }
  if (call) speak(call);
}

function heardAs(entry) {
  const caller = isOurs(view.calls.find((call) => call.sid === mine)) ? "the clinic's phone" : "the caller";
  const phone = entry.phone ? pretty(entry.phone) : caller;
  const forms = {
    said: () => (entry.leg ? `To ${phone}: “${entry.text}”` : `“${entry.text}”`),
    played: () => `A sound: ${entry.url || entry.digits}`,
    ringing: () => `${phone} rings`,
    answered: () => (entry.leg ? `${phone} is picked up` : "The line is answered"),
    connected: () => `Connected with ${phone}`,
    declined: () => `${phone} did not take the call`,
    forwarded: () => `${phone} forwards the call to ${pretty(entry.to)}`,
    keys: () => `Keys: ${entry.digits}`,
    recording: () => (entry.beep ? "Beep" : "Recording begins"),
    speaks: () => `The caller: “${entry.text}”`,
    recorded: () => `A message of ${entry.seconds} s`,
    nothing_recorded: () => "Nothing was said",
    hung_up: () => (entry.by === "twilio" ? "" : `${entry.leg ? phone : caller} hangs up`),
    application_error: () => `Application error ${entry.code || ""}: ${entry.text}`,
    ended: () => (entry.leg ? "" : `The call has ended (${entry.status})`),
  };
  return forms[entry.what] ? forms[entry.what]() : "";
}

function kindOf(entry) {
  if (entry.what === "application_error") return "error";
  return entry.what === "said" || entry.what === "speaks" ? "" : "event";
}

function speak(call) {
  const fresh = call.transcript.slice(spoken);
  spoken = call.transcript.length;
  if (!window.speechSynthesis) return;
  for (const entry of fresh) {
    if (["keys", "hung_up", "recording"].includes(entry.what)) window.speechSynthesis.cancel();
    if (entry.what === "said" && !$("mute").checked) {
      window.speechSynthesis.speak(new SpeechSynthesisUtterance(entry.text));
    }
  }
}

function drawTexts() {
  const phone = caller();
  const texts = view.texts.filter((text) => text.phone === phone);
  show($("reply"), textable(phone));
  if (!texts.length) {
    const words = textable(phone) ? "No texts yet." : "A caller without a number has no texts.";
    fill($("thread"), [element("li", { class: "empty", text: words })]);
    return;
  }
  fill($("thread"), texts.map((text) => element("li", { class: text.from === phone ? "own" : "" }, [
    element("div", { class: "bubble", text: text.body || "(a picture)" }),
    element("small", { text: new Date(text.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) }),
  ])));
}

function drawWire() {
  const lines = view.wire.map((entry) => element("li", {}, [
    element("span", { text: entry.at.slice(11, 19) }),
    element("span", { text: entry.kind === "rest" ? "from us" : "to us" }),
    element("span", { text: entry.what }),
    element("span", { class: entry.good ? "" : "bad-outcome", text: entry.outcome }),
    element("span", { text: entry.milliseconds == null ? "" : `${Math.round(entry.milliseconds)} ms` }),
  ]));
  fill($("wire"), lines.length ? lines : [element("li", { text: "No requests yet." })]);
}

// Small helpers.

function element(name, { text, ...attributes } = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

function button(words, kind, onclick) {
  const made = element("button", { type: "button", class: kind, text: words });
  made.addEventListener("click", onclick);
  return made;
}

function fill(parent, children) {
  // Left alone while it is the same, so that a button is not replaced under the finger.
  const drawn = children.map((child) => child.outerHTML).join();
  if (parent.drawn === drawn) return;
  parent.drawn = drawn;
  parent.replaceChildren(...children);
  parent.scrollTop = parent.scrollHeight; // what is new stands at the end
}

function show(what, shown) {
  what.hidden = !shown;
}

function pretty(number) {
  const person = PEOPLE.find(([, theirs]) => theirs === number);
  if (person) return person[0];
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : number;
}

function clockTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function caller() {
  const typed = $("person").value === "other";
  return typed ? $("other").value.replace(/[\s().-]/g, "").replace(/^(?=[2-9]\d{9}$)/, "+1") : $("person").value;
}

function textable(phone) {
  return phone !== "+266696687";
}

// What people do.

function begin() {
  fill($("person"), [
    ...PEOPLE.map(([name, number]) => element("option", { value: number, text: number === "+266696687" ? name : `${name} · ${number}` })),
    element("option", { value: "other", text: "Another number…" }),
  ]);
  fill($("keypad"), [..."123456789*0#"].map((key) =>
    button(key, "", () => act("POST", `/calls/${mine}/keys`, { digits: key }))));
  $("mute").checked = localStorage.getItem("mute") === "yes";
  $("mute").addEventListener("change", () => {
    localStorage.setItem("mute", $("mute").checked ? "yes" : "no");
    if ($("mute").checked && window.speechSynthesis) window.speechSynthesis.cancel();
  });
  $("person").addEventListener("change", () => {
    show($("other-label"), $("person").value === "other");
    if (view) drawTexts();
  });
  $("other").addEventListener("change", () => view && drawTexts());
  for (const radio of document.querySelectorAll("input[name=mode]")) {
    radio.addEventListener("change", () => show($("forwarded-label"), mode() === "overflow"));
  }
  on("dial", placeCall);
  on("message", () => act("POST", `/calls/${mine}/speak`, {
    seconds: Number($("message-seconds").value),
    text: $("message-text").value,
  }));
  on("reply", () => sendText($("reply-text").value));
  on("clock", () => moveClock("set", withZone($("clock-to").value)));
  $("stop").addEventListener("click", () => sendText("STOP"));
  $("hang-up").addEventListener("click", () => act("POST", `/calls/${mine}/hangup`, { by: "caller" }));
  $("faults").lastElementChild.addEventListener("click", () => act("DELETE", "/faults"));
  for (const advance of document.querySelectorAll("[data-advance]")) {
    advance.addEventListener("click", () => moveClock("advance", advance.dataset.advance));
  }
  document.querySelector("[data-reset]").addEventListener("click", () => moveClock("reset", ""));
  watch();
}

function on(id, submit) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
}

function mode() {
  return document.querySelector("input[name=mode]:checked").value;
}

async function placeCall() {
  const call = { from: caller(), to: $("to").value };
  if (mode() === "overflow") call.forwarded_from = $("forwarded").value;
  const placed = await act("POST", "/calls", call);
  if (placed) mine = placed.sid;
}

async function sendText(body) {
  if (!body.trim()) return;
  const sent = await act("POST", "/texts", { from: caller(), to: $("to").value, body });
  if (sent) $("reply-text").value = "";
}

function withZone(local) {
  if (!local) return "";
  const minutes = -new Date(local).getTimezoneOffset();
  const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  return `${local}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(Math.abs(minutes) % 60)}`;
}

async function moveClock(verb, to) {
  $("clock-told").textContent = "Moving the clock…";
  const moved = await act("POST", "/clock", { verb, to });
  $("clock-told").textContent = moved ? moved.told : "";
}

begin();
