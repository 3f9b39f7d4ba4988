/** A profile that was saved as one file: it opens with what was on screen then. */

import { enhanceThemeButton } from "../ui/theme-button.js";
import { keepTimesFresh } from "../ui/when.js";

const { opens } = document.querySelector("profile-view").dataset;
if (location.search === "" && opens !== "") history.replaceState(null, "", `?${opens}`);
enhanceThemeButton(document);
keepTimesFresh(document);
