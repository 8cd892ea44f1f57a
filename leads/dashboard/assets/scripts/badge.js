// How many wait, in the tab: a number in its title and a dot on its icon, on every page.
import { onState } from "./state.js";

export function startBadge() {
  onState(({ waiting }) => {
    const count = Number(waiting);
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = count ? `(${count}) ${title}` : title;
    const icon = document.getElementById("favicon");
    icon.href = count ? icon.dataset.waiting : icon.dataset.calm;
  });
}
