/** What every page has: theme button, menus, the command palette, times, copy buttons, questions before what can't be undone. */

import { enhanceConfirmations } from "../ui/confirm.js";
import { enhanceCopyButtons } from "../ui/copy.js";
import { enhanceMenus } from "../ui/menu.js";
import { enhanceCommandPalette } from "../ui/palette-key.js";
import { enhanceThemeButton } from "../ui/theme-button.js";
import { keepTimesFresh } from "../ui/when.js";

function enhance() {
  enhanceConfirmations(document);
  enhanceCopyButtons(document);
  enhanceMenus(document);
  enhanceCommandPalette(document);
  enhanceThemeButton(document);
  keepTimesFresh(document);
}

// A page's elements may be defined before all of it is here, and then this runs with them.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", enhance);
else enhance();
