import htmx from "htmx.org";
import { startComposers } from "./composer.js";
import { startForms } from "./forms.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { keepWhatPeopleDo } from "./morphing.js";
import { startPlayers } from "./player.js";

keepWhatPeopleDo(htmx);
startForms();
startComposers();
startMenus();
startPlayers();
startLive(htmx);
