// While a text is typed: how many segments it takes, what the linter says, and saved replies.
import { segments } from "./segments.js";

const PAUSE_MS = 400; // in typing, before the linter is asked
const asked = new WeakMap(); // what is under way for a form: its timer, and its request

export function startComposers() {
  const look = ({ target }) => {
    const box = target.closest?.("[data-composer]");
    if (!box) return;
    box.querySelector("[data-count]").textContent = size(field(box).value);
    checkSoon(box);
  };
  document.addEventListener("input", look);
  document.addEventListener("reset", (event) => setTimeout(() => look(event)));
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("[data-composer]");
    if (!box || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    // Held down, or pressed again before the answer: one text, not two. After a STOP, none.
    if (!("closed" in box.dataset) && !event.repeat && !box.classList.contains("htmx-request")) box.requestSubmit();
  });
  document.addEventListener("toggle", ({ target }) => target.matches?.("[data-replies][open]") && listReplies(target), true);
  document.addEventListener("click", ({ target }) => {
    const choice = target.closest?.("[data-reply]");
    if (choice) insert(choice);
  });
  // What was refused is theirs again, as if they had typed it: no redraw takes it away.
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.response?.status !== 422) return;
    for (const box of document.querySelectorAll("[data-composer]"))
      if (field(box).matches("[aria-invalid]")) typed(field(box));
  });
}

const field = (box) => box.querySelector("textarea");
const typed = (area) => area.dispatchEvent(new Event("input", { bubbles: true }));

function size(body) {
  const { count, units, forcing } = segments(body.trim());
  if (!units) return "";
  const told = count === 1 ? "1 segment" : `${count} segments`;
  const why = forcing ? ` · “${forcing}” makes each segment shorter` : "";
  return `${body.trim().length} characters · ${told}${why}`;
}

function checkSoon(box) {
  const before = asked.get(box);
  clearTimeout(before?.timer);
  before?.request?.abort();
  if (!field(box).value.trim()) return show(box, []);
  asked.set(box, { timer: setTimeout(() => check(box), PAUSE_MS) });
}

async function check(box) {
  const request = new AbortController();
  asked.set(box, { request });
  const { composer: lead_id, window = "" } = box.dataset;
  const body = new URLSearchParams({ lead_id, window, body: field(box).value });
  const headers = { "X-CSRF-Token": box.elements.csrf_token.value };
  try {
    const answer = await fetch("/texts/check", { method: "POST", headers, body, signal: request.signal });
    if (answer.ok) show(box, (await answer.json()).warnings);
  } catch {
    // Overtaken by the next letter, or offline: the text can be sent without it.
  }
}

function show(box, warnings) {
  const list = box.querySelector("[data-findings]");
  const found = warnings.map((words) => {
    const line = document.createElement("p");
    line.className = "warning";
    line.append(icon(box, "alert"), Object.assign(document.createElement("span"), { textContent: words }));
    return line;
  });
  list.replaceChildren(...found);
}

/** As the page's own icons are drawn, whose address has a hash in it. */
function icon(box, name) {
  const drawn = box.querySelector("svg.icon").cloneNode(true);
  const use = drawn.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
  return drawn;
}

async function listReplies(menu) {
  const panel = menu.querySelector(".panel");
  const box = menu.closest("[data-composer]");
  try {
    const answer = await fetch(`/texts/replies/${box.dataset.composer}`);
    if (!answer.ok) throw new Error(answer.status);
    const { replies } = await answer.json();
    panel.replaceChildren(...replies.map(choice), replies.length ? "" : note("None yet."), edit());
  } catch {
    panel.replaceChildren(note("They could not be fetched. Nothing was changed; try again."));
  }
}

function choice({ title, text }) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: title });
  button.dataset.reply = text;
  button.append(Object.assign(document.createElement("small"), { textContent: text }));
  return button;
}

const note = (words) => Object.assign(document.createElement("p"), { className: "small muted", textContent: words });

function edit() {
  const line = note("");
  line.append(Object.assign(document.createElement("a"), { href: "/settings/replies", textContent: "Change them" }));
  return line;
}

/** Where the cursor is, and the cursor after it. */
function insert(choice) {
  const area = field(choice.closest("[data-composer]"));
  choice.closest("details").open = false;
  area.setRangeText(choice.dataset.reply, area.selectionStart, area.selectionEnd, "end");
  area.focus();
  typed(area);
}
