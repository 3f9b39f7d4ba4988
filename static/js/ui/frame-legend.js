/** `<frame-legend>`: what the colours mean; only kinds that occur. */

import { KINDS, palette, swatch } from "../core/colors.js";
import { element } from "./element.js";
import { currentTheme, watchTheme } from "./theme.js";

export class FrameLegend extends HTMLElement {
  #shown = null;
  #stopTheme = null;

  connectedCallback() {
    this.setAttribute("role", "list");
    this.setAttribute("aria-label", "Colours");
    this.#stopTheme = watchTheme(() => this.#shown && this.show(...this.#shown));
  }

  disconnectedCallback() {
    this.#stopTheme();
  }

  /** @param {import("../core/tree.js").Tree} tree  @param {"kind"|"hot"} paletteName */
  show(tree, paletteName) {
    this.#shown = [tree, paletteName];
    this.replaceChildren(...(paletteName === "hot" ? [this.#hot()] : this.#kinds(tree)));
  }

  #kinds(tree) {
    const present = new Set(tree.frames.kind);
    return KINDS.map(({ legend }, kind) => (legend && present.has(kind) ? item(swatch(kind, currentTheme()), legend) : null)).filter(Boolean);
  }

  #hot() {
    const { fills } = palette("hot", currentTheme());
    return item(`linear-gradient(90deg, ${fills.slice(0, -2).join(",")})`, "warm colours by name, no meaning");
  }
}

function item(background, text) {
  const box = element("span", { class: "swatch", "aria-hidden": "true" });
  box.style.background = background;
  return element("span", { role: "listitem" }, box, text);
}

customElements.define("frame-legend", FrameLegend);
