// Forms post as they would without a script; htmx only saves the reload. This says what came of it.
import { announce } from "./announcer.js";
import { showConnection } from "./live.js";
import { release } from "./morphing.js";

const LOST = "That did not go through, and nothing was changed. Please try again.";
const TOO_LONG = "That is too long to be saved. Your words are kept here: shorten them and try again.";
const REFUSED = "Not saved: see the marked field.";

export function startForms() {
  // Signed out: without this, htmx would leave the page, and what is half written with it.
  document.addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.response.status !== 401) return;
    event.preventDefault();
    showConnection("signed-out");
  });
  document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
    const form = ctx.sourceElement;
    if (form?.tagName !== "FORM" || isKept(ctx)) return;
    // A refused form follows the server too: it marks the fields, which hold what was typed.
    release(form);
    if (ctx.response.status >= 400) return;
    form.reset();
    form.closest("details")?.removeAttribute("open");
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const form = ctx.sourceElement;
    if (isKept(ctx)) return;
    if (ctx.response?.status >= 400) return requestAnimationFrame(() => showProblem(ctx.refused));
    if (ctx.said) announce(ctx.said);
    if (form?.tagName === "FORM") requestAnimationFrame(showNews);
  });
  // The form may be gone after the swap (its row is settled), or be for the way back: keep its words
  // beforehand.
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    ctx.said = ctx.sourceElement?.dataset?.said;
    ctx.refused = ctx.sourceElement?.dataset?.refused ?? REFUSED;
  });
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    const { status } = ctx.response;
    if (status === 403) announce("That was refused, and nothing was changed. Reload the page.", "problem");
    else if (status === 413) announce(TOO_LONG, "problem");
    else if (status >= 500 && ctx.sourceElement?.tagName === "FORM") announce(LOST, "problem");
  });
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (ctx?.sourceElement?.tagName === "FORM") announce(LOST, "problem");
  });
}

/** Refused without a page to show: all stays as it is, what was typed and what was said of it. */
const isKept = ({ response, swap }) => response?.status >= 400 && swap === "none";

// After the swap has given the focus back to the button that was pressed, which may be far away.
function showProblem(words) {
  const field = document.querySelector("#main [aria-invalid]");
  announce(field ? words : "", "problem");
  show(field ?? document.getElementById("main"));
}

/** What the answer brought that must be seen now, such as a link that is shown once. */
function showNews() {
  const news = document.querySelector("#main [data-news]");
  if (news) show(news);
}

function show(element) {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" });
}
