// What every page and every redraw says about itself in #state: who waits, what was missed, when
// the session ends.

/** Calls `use` with its data now and after each redraw. */
export function onState(use) {
  const tell = () => {
    const state = document.getElementById("state");
    if (state) use(state.dataset);
  };
  tell();
  document.addEventListener("htmx:finally:swap", tell);
}
