// Keys for what the desk does all day. A key clicks whatever carries it as `data-key`: in the row
// that was chosen with j and k, else on the page around the list. Single keys can be switched off,
// as they get in the way of speech input (WCAG 2.1.4); the choice is kept in this browser.
import { isSettling } from "./settling.js";

const OFF = "ringback-keys-off";
const SEARCH = "ringback-search"; // on its way to the page that has the field
const GO = { d: "/", i: "/inbox", l: "/leads", c: "/calls", f: "/follow-ups", j: "/junk" };
const GO_MS = 1500; // how long after g the letter of a page is waited for
let wentAt = -Infinity;

export function startShortcuts() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (isOff()) return;
    if (press(event.key)) event.preventDefault();
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-shows-keys]")) showHelp();
    if (target.closest?.("[data-print]")) window.print();
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.("[data-keys-switch]")) return;
    if (target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
  if (sessionStorage.getItem(SEARCH)) {
    sessionStorage.removeItem(SEARCH);
    search();
  }
}

/** Whether the key meant something here. */
function press(key) {
  const goes = performance.now() - wentAt < GO_MS;
  wentAt = -Infinity;
  if (goes && GO[key]) return go(GO[key]);
  if (key === "g") return ((wentAt = performance.now()), true);
  if (key === "?") return showHelp();
  if (key === "/") return search();
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  return act(key);
}

function go(path) {
  const link = document.querySelector(`.nav a[href="${path}"]`);
  if (link) link.click();
  return Boolean(link);
}

function search() {
  const field = document.querySelector('main [data-key="/"], main input[type="search"]');
  if (field) {
    field.focus();
    field.select?.();
  } else {
    sessionStorage.setItem(SEARCH, "yes");
    location.assign("/leads");
  }
  return true;
}

const rows = () => [...document.querySelectorAll("[data-row]")];
const chosen = () => document.activeElement?.closest("[data-row]");

function move(step) {
  const all = rows();
  if (!all.length) return false;
  const now = all.indexOf(chosen());
  choose(all[now < 0 ? 0 : Math.min(Math.max(now + step, 0), all.length - 1)]);
  return true;
}

function choose(row) {
  const link = row.querySelector("a, button");
  link.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function act(key) {
  const wanted = `[data-key="${CSS.escape(key)}"]`;
  const row = chosen();
  const found = row?.querySelector(wanted) ?? outside(wanted);
  if (!found) {
    // Nobody was chosen yet: the key must not settle whoever happens to be the first.
    const first = !row && rows().find((each) => each.querySelector(wanted));
    if (first) choose(first);
    return Boolean(first);
  }
  if (found.form?.classList.contains("htmx-request") || (row && isSettling())) return true;
  found.click();
  const menu = found.matches("summary") && found.parentElement;
  if (menu?.open) menu.querySelector("textarea, button, input:not([type=hidden])")?.focus();
  else if (found.matches("input, textarea, select")) found.focus();
  return true;
}

const outside = (wanted) =>
  [...document.querySelectorAll(wanted)].find((each) => !each.closest("[data-row]"));

function showHelp() {
  const help = document.getElementById("keys");
  if (!help) return false;
  sayWhatKeysDoHere(help);
  help.querySelector("[data-keys-switch]").checked = !isOff();
  help.showModal();
  return true;
}

/** A key that means something of its own on this page is listed with that. */
function sayWhatKeysDoHere(help) {
  const here = new Map(
    [...document.querySelectorAll("[data-key-says]")].map(({ dataset }) => [dataset.key, dataset.keySays]),
  );
  for (const line of help.querySelectorAll("dt")) {
    const says = here.get(line.textContent.trim());
    if (says) line.nextElementSibling.textContent = says;
  }
}

function isOff() {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false; // a browser that keeps nothing has no choice to remember
  }
}

function isTyping(element) {
  if (element.matches("textarea, select, [contenteditable]")) return true;
  return element.matches("input") && !element.matches("[type=checkbox], [type=radio], [type=submit]");
}
