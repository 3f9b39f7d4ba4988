/** Ctrl-K and Cmd-K on every page, and the header's button. The palette is there before: it must hear the next letter. */

import { toggleCommandPalette } from "./command-palette.js";

/** @param {Document} root */
export function enhanceCommandPalette(root) {
  const button = root.querySelector("[data-palette-button]");
  // Guests have none: there is nothing that they may look for.
  if (!button) return;
  button.addEventListener("click", toggleCommandPalette);
  root.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    // Browsers put their own search there.
    event.preventDefault();
    toggleCommandPalette();
  });
}
