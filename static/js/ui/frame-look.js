/** How frames look: the colour of their name, or of their change where a tree has two sides. */

import { colorFrames, palette } from "../core/colors.js";
import { colorNodes } from "../core/diff-colors.js";
import { signed } from "../core/diff-words.js";
import { currentTheme } from "./theme.js";

export class FrameLook {
  #look = {};

  /** @param {import("../core/tree.js").Tree|null} tree  @param {"kind"|"hot"|"diff"} name of the palette */
  update(tree, name) {
    const { diff } = tree ?? {};
    this.#look = {
      palette: palette(name, currentTheme()),
      colors: tree && (diff ? colorNodes(tree) : colorFrames(tree, name)),
      colorKey: diff && Uint32Array.from({ length: tree.length }, (_, node) => node),
      note: diff && ((node) => signed(diff, diff.of(node))),
    };
  }

  /** What a scene (render/flamegraph.js) needs of it. */
  get scene() {
    return this.#look;
  }
}
