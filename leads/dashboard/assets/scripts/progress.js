// Whatever takes longer than 300 ms shows that it is under way: a bar on top of the page.

const WORTH_A_BAR_MS = 300;
const TOO_LONG_MS = 20_000; // an answer that never came
// A download leaves the page as it is; that it has begun is told by a cookie (pages/exporting.py).
const BEGUN = "ringback_download";
const LOOK_MS = 100;

let timer;
let looking;
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
  window.addEventListener("beforeunload", () => {
    forget();
    begin();
    clearInterval(looking);
    looking = setInterval(() => document.cookie.includes(`${BEGUN}=`) && reset(), LOOK_MS);
  });
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
  clearInterval(looking);
  show(false);
}

const forget = () => (document.cookie = `${BEGUN}=; Max-Age=0; Path=/; SameSite=Strict`);

function show(on) {
  const bar = document.getElementById("progress");
  const page = document.getElementById("main");
  if (!bar || !page) return;
  bar.classList.toggle("on", on);
  bar.textContent = on ? "Working…" : "";
  if (on) page.setAttribute("aria-busy", "true");
  else page.removeAttribute("aria-busy");
}
