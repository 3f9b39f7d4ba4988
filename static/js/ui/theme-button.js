/** The theme button: light, dark, like the system. The choice lives in localStorage; pages/first-paint.js applies it early. */

const KEY = "webprof-theme";
const NEXT = { system: "light", light: "dark", dark: "system" };
const LOOK = {
  system: { glyph: "◐", label: "Theme: like the system" },
  light: { glyph: "○", label: "Theme: light" },
  dark: { glyph: "●", label: "Theme: dark" },
};

/** @param {ParentNode} root */
export function enhanceThemeButton(root) {
  const button = root.querySelector("[data-theme-button]");
  if (!button) return;
  show(button, chosen());
  button.addEventListener("click", () => {
    const theme = NEXT[chosen()];
    apply(theme);
    show(button, theme);
  });
}

function chosen() {
  return document.documentElement.dataset.theme ?? "system";
}

function apply(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage can be forbidden; the choice then lasts for this page.
  }
}

function show(button, theme) {
  button.firstElementChild.textContent = LOOK[theme].glyph;
  button.setAttribute("aria-label", LOOK[theme].label);
  button.title = LOOK[theme].label;
}
