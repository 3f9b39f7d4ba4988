/** `<frame-legend>`: what the colours mean. Each group opens to steps on its frames. Event `steps` {steps}. */

import { BOUNDS } from "../core/diff-colors.js";
import { palette } from "../core/colors.js";
import { share } from "../core/format.js";
import { printable } from "../core/labels.js";
import { legendOf } from "../core/legend.js";
import { PALETTES } from "../core/palettes.js";
import { SELF_BOUNDS } from "../core/self-colors.js";
import { element } from "./element.js";
import { currentTheme, watchTheme } from "./theme.js";

const ON_FRAMES = [["hide", "Hide"], ["only", "Only these"], ["keep", "Keep only stacks through"], ["drop", "Drop stacks through"]];
const ON_STACKS = [["keep", "Only these stacks"], ["drop", "Drop these stacks"]];
const HATCH = "repeating-linear-gradient(45deg, transparent 0 3px, currentcolor 3px 4px)";

export class FrameLegend extends HTMLElement {
  #shown = null;
  #stopTheme = null;
  #later = 0;
  #onPress = ({ target }) => this.#close(target);

  constructor() {
    super();
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.#close(null));
    this.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && this.#close(relatedTarget));
  }

  connectedCallback() {
    document.addEventListener("pointerdown", this.#onPress);
    this.setAttribute("role", "list");
    this.setAttribute("aria-label", "Colours");
    this.#stopTheme = watchTheme(() => this.#shown && this.#draw());
  }

  disconnectedCallback() {
    this.#stopTheme();
    document.removeEventListener("pointerdown", this.#onPress);
    clearTimeout(this.#later);
  }

  /** @param {import("../core/tree.js").Tree} tree  @param {string} paletteName */
  show(tree, paletteName) {
    if (this.#shown?.tree === tree && this.#shown.paletteName === paletteName) return;
    this.#shown = { tree, paletteName };
    // It looks at every node: the picture comes first.
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#draw(), 0);
  }

  #draw() {
    const { tree, paletteName } = this.#shown;
    const { fills } = palette(paletteName, currentTheme());
    const found = paletteName === "diff" ? null : legendOf(tree, paletteName);
    if (paletteName === "diff") this.replaceChildren(...changes(tree, fills));
    else if (found) this.replaceChildren(...found.entries.map((entry) => this.#group(entry, fills, tree)), found.more > 0 ? item("", `${found.more} more`, "swatch none") : "");
    else if (paletteName === "self") this.replaceChildren(item(gradient(fills), `self: none to ${SELF_BOUNDS.at(-1) * 100} % of everything and over`, "swatch wide"));
    else this.replaceChildren(...classic(paletteName, fills));
  }

  #group({ text, fill, value, target, whole }, fills, tree) {
    const box = element("span", { class: "swatch", "aria-hidden": "true" });
    box.style.background = fills[fill];
    const steps = (whole ? ON_STACKS : ON_FRAMES).map(([verb, words]) => element("button", { type: "button", onclick: () => this.#take(verb + target) }, words));
    const name = printable(text);
    const menu = element("details", { class: "legend-menu" }, element("summary", { title: `${name}: self ${share(value, tree.whole)} of everything` }, box, element("bdi", {}, name)), element("div", { class: "menu" }, ...steps));
    return element("span", { role: "listitem" }, menu);
  }

  /** The open menu, unless it holds what was pressed. @param {Node|null} pressed */
  #close(pressed) {
    const open = this.querySelector("details[open]");
    if (!open || (pressed && open.contains(pressed))) return;
    open.open = false;
    if (pressed === null) open.querySelector("summary").focus();
  }

  #take(step) {
    this.dispatchEvent(new CustomEvent("steps", { detail: { steps: [step] } }));
  }
}

function changes(tree, fills) {
  const same = BOUNDS.length;
  const strongest = `${BOUNDS.at(-1) * 100} points`;
  return [
    item(gradient(fills.slice(0, same)), `less in B, to ${strongest} and over`, "swatch wide"),
    item(fills[same], tree.diff.counted ? "none, or could be chance" : "none"),
    item(gradient(fills.slice(same + 1)), "more in B", "swatch wide"),
    item(HATCH, "gone in B"),
  ];
}

function classic(name, fills) {
  const { legend, middle } = PALETTES[name];
  if (legend) return legend.map(([text, fill]) => item(fills[middle(fill)], text));
  return [item(gradient(fills.slice(0, -3)), "hues by name, no meaning", "swatch long")];
}

function gradient(fills) {
  return `linear-gradient(90deg, ${fills.join(",")})`;
}

function item(background, text, look = "swatch") {
  const box = element("span", { class: look, "aria-hidden": "true" });
  box.style.background = background;
  return element("span", { role: "listitem" }, box, text);
}

customElements.define("frame-legend", FrameLegend);
