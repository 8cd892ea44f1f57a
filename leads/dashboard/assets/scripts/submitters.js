// A form with several buttons: as without a script, the one that was pressed says where the form
// goes (formaction), and what is said afterwards.
import { announce } from "./announcer.js";

export function startSubmitters() {
  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    const { submitter } = ctx.request;
    if (submitter?.hasAttribute("formaction")) ctx.request.action = submitter.formAction;
  });
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    ctx.refused = ctx.request.submitter?.dataset.refused ?? ctx.refused;
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const submitter = ctx.request?.submitter;
    if (!(ctx.response?.status < 400)) return;
    if (submitter?.dataset.said) announce(submitter.dataset.said);
    else if (submitter?.hasAttribute("formaction")) announce(""); // what was refused before is mended
  });
}
