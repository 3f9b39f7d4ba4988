/** What the page asks about a profile's tree: the same words in a worker and, for small trees, beside the page. */

import { functionTable } from "./functions.js";
import { sandwich } from "./sandwich.js";
import { formatTrail } from "./trail.js";
import { transform } from "./transforms.js";
import { Tree, shapeOf } from "./tree.js";

export class Answers {
  #base;
  #last = { trail: "", tree: null, taken: [] };

  /** @param {{header: object, columns: object}} message as `decode` gives it; all questions are about it */
  constructor(message) {
    this.#base = new Tree(message);
  }

  /** @param {string[]} steps  @returns {{shape: import("./tree.js").Shape, taken: import("./transforms.js").Taken[]}} */
  transform(steps) {
    const { tree, taken } = this.#after(steps);
    return { shape: shapeOf(tree), taken };
  }

  /** @param {string[]} steps  @returns {import("./functions.js").FunctionTable} of the tree after these steps */
  table(steps) {
    return functionTable(this.#after(steps).tree);
  }

  /** @param {string[]} steps  @param {string} target  @returns {import("./sandwich.js").Sandwich} */
  sandwich(steps, target) {
    return sandwich(this.#after(steps).tree, target);
  }

  /** The last tree is kept: its table and sandwich are asked for next. */
  #after(steps) {
    const trail = formatTrail(steps);
    if (this.#last.tree === null || this.#last.trail !== trail) this.#last = { trail, ...transform(this.#base, steps) };
    return this.#last;
  }
}
