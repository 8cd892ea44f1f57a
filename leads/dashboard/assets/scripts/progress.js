// Whatever takes longer than 300 ms shows that it is under way: a bar on top of the page.

const WORTH_A_BAR_MS = 300;
const TOO_LONG_MS = 20_000; // a download leaves the page as it is, and says no word when it is done

let timer;
let underWay = 0;

export function startProgress() {
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (byItself(ctx)) return;
    ctx.counted = true;
    begin();
  });
  // The form may be gone with its row: then only the swap is heard of.
  for (const over of ["htmx:finally:swap", "htmx:finally:request"])
    document.addEventListener(over, ({ detail: { ctx } }) => {
      if (ctx.counted) end();
      ctx.counted = false;
    });
  window.addEventListener("beforeunload", begin);
  window.addEventListener("pagehide", reset);
  window.addEventListener("pageshow", reset);
}

/** A redraw that nobody asked for is not waited for. */
const byItself = (ctx) => ctx.sourceElement?.dataset?.live !== undefined;

function begin() {
  underWay += 1;
  clearTimeout(timer);
  timer = setTimeout(() => {
    show(true);
    timer = setTimeout(reset, TOO_LONG_MS);
  }, WORTH_A_BAR_MS);
}

function end() {
  underWay -= 1;
  if (underWay <= 0) reset();
}

function reset() {
  underWay = 0;
  clearTimeout(timer);
  show(false);
}

function show(on) {
  const bar = document.getElementById("progress");
  const page = document.getElementById("main");
  if (!bar || !page) return;
  bar.classList.toggle("on", on);
  bar.textContent = on ? "Working…" : "";
  if (on) page.setAttribute("aria-busy", "true");
  else page.removeAttribute("aria-busy");
}
