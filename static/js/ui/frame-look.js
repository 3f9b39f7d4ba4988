/** How frames look: their colours in a palette, or of their change where a tree has two sides. */

import { colorsOf, palette } from "../core/colors.js";
import { colorNodes } from "../core/diff-colors.js";
import { signed } from "../core/diff-words.js";
import { currentTheme } from "./theme.js";

export class FrameLook {
  #look = {};
  /** Of the last tree: its parts have the same frames, and each of many names would be looked at again. */
  #colored = { frames: null, name: "", colors: null };
  #palette = { name: "", theme: "", made: null };

  /** @param {import("../core/tree.js").Tree|null} tree  @param {string} name of the palette */
  update(tree, name) {
    const { diff } = tree ?? {};
    this.#look = {
      palette: this.#paletteOf(name, currentTheme()),
      ...(tree && (diff ? { colors: colorNodes(tree), byNode: true } : this.#colorsOf(tree, name))),
      note: diff && ((node) => signed(diff, diff.of(node))),
    };
  }

  #paletteOf(name, theme) {
    if (this.#palette.name !== name || this.#palette.theme !== theme) this.#palette = { name, theme, made: palette(name, theme) };
    return this.#palette.made;
  }

  #colorsOf(tree, name) {
    const known = this.#colored.frames === tree.frames.name && this.#colored.name === name;
    if (!known || this.#colored.colors.byNode) this.#colored = { frames: tree.frames.name, name, colors: colorsOf(tree, name) };
    return this.#colored.colors;
  }

  /** What a scene (render/flamegraph.js) needs of it. */
  get scene() {
    return this.#look;
  }
}
