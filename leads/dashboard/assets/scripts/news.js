// Says politely what a live redraw has changed on the desk's list, for who does not see it: not more
// often than every few seconds, in one sentence for all of it.
import { isMine, whereabouts } from "./settling.js";

const EVERY_MS = 5000;
let known;
let timer;
let news = new Set();

export function startNews() {
  known = people();
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const now = people();
    if (ctx.sourceElement?.tagName !== "FORM") compare(now);
    known = now;
  });
}

// The desk's rows alone: those of other lists say in `data-row` what they are, and nobody in them
// needs a call because they came.
function people() {
  return new Map(
    [...document.querySelectorAll('[data-row=""]')].map((row) => [
      row.id,
      {
        name: row.querySelector(".name")?.textContent.trim() ?? "",
        holder: row.querySelector("[data-holder]")?.dataset.holder, // "": it is oneself
      },
    ]),
  );
}

function compare(now) {
  for (const [id, { name, holder }] of now) {
    if (isMine(id)) continue;
    if (!known.has(id)) news.add(`${name} needs a call.`);
    else if (known.get(id).holder === holder) continue;
    else if (holder === undefined) news.add(`${name} is free again.`);
    else if (holder) news.add(`${holder} has ${name}.`);
  }
  for (const [id, { name }] of known) if (!now.has(id) && !isMine(id)) news.add(`${name} ${whereabouts(id)}.`);
  if (news.size) timer ??= setTimeout(tell, 300);
}

function tell() {
  const said = [...news];
  news = new Set();
  document.getElementById("news").textContent =
    said.length > 3 ? `${said.length} changes on the list.` : said.join(" ");
  timer = setTimeout(() => {
    timer = undefined;
    if (news.size) tell();
  }, EVERY_MS);
}
