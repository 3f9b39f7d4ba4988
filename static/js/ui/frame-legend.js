/** `<frame-legend>`: what the colours mean; only kinds that occur. */

import { BOUNDS } from "../core/diff-colors.js";
import { palette, swatch } from "../core/colors.js";
import { KINDS } from "../core/kinds.js";
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

  /** @param {import("../core/tree.js").Tree} tree  @param {"kind"|"hot"|"diff"} paletteName */
  show(tree, paletteName) {
    this.#shown = [tree, paletteName];
    const items = { hot: () => [this.#hot()], diff: () => this.#changes(tree), kind: () => this.#kinds(tree) };
    this.replaceChildren(...items[paletteName]());
  }

  #changes(tree) {
    const { fills } = palette("diff", currentTheme());
    const same = BOUNDS.length;
    const strongest = `${BOUNDS.at(-1) * 100} points`;
    return [
      item(`linear-gradient(90deg, ${fills.slice(0, same).join(",")})`, `less in B, to ${strongest} and over`, "swatch wide"),
      item(fills[same], tree.diff.counted ? "none, or could be chance" : "none"),
      item(`linear-gradient(90deg, ${fills.slice(same + 1).join(",")})`, "more in B", "swatch wide"),
      item("repeating-linear-gradient(45deg, transparent 0 3px, currentcolor 3px 4px)", "gone in B"),
    ];
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

function item(background, text, look = "swatch") {
  const box = element("span", { class: look, "aria-hidden": "true" });
  box.style.background = background;
  return element("span", { role: "listitem" }, box, text);
}

customElements.define("frame-legend", FrameLegend);
