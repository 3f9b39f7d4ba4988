/** The theme button: light, dark, like the system. The choice is a cookie: the server writes it into the page. */

const YEAR_S = 31_536_000;
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
  document.cookie = `theme=${theme}; Path=/; SameSite=Lax; Max-Age=${theme === "system" ? 0 : YEAR_S}`;
}

function show(button, theme) {
  button.firstElementChild.textContent = LOOK[theme].glyph;
  button.setAttribute("aria-label", LOOK[theme].label);
  button.title = LOOK[theme].label;
}
