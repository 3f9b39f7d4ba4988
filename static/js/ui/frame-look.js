/** How frames look: their colours in a palette, or of their change where a tree has two sides. */

import { colorsOf, palette } from "../core/colors.js";
import { colorNodes } from "../core/diff-colors.js";
import { signed } from "../core/diff-words.js";
import { currentTheme } from "./theme.js";

export class FrameLook {
  #look = {};

  /** @param {import("../core/tree.js").Tree|null} tree  @param {string} name of the palette */
  update(tree, name) {
    const { diff } = tree ?? {};
    this.#look = {
      palette: palette(name, currentTheme()),
      ...(tree && (diff ? { colors: colorNodes(tree), byNode: true } : colorsOf(tree, name))),
      note: diff && ((node) => signed(diff, diff.of(node))),
    };
  }

  /** What a scene (render/flamegraph.js) needs of it. */
  get scene() {
    return this.#look;
  }
}
