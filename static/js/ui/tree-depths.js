/** Fetches what the server cut from a tree below a frame, once for each frame. */

import { graft, hasCuts, namesTo } from "../core/graft.js";
import { treeOf } from "../core/diff.js";
import { loadTree, LoadError } from "./tree-loader.js";

export class Depths {
  #asked = new Set();
  #url = "";

  /**
   * @param {import("../core/tree.js").Tree} tree  @param {number} node  @param {string} url of the tree  @param {object} sides
   * @param {(whole: import("../core/tree.js").Tree) => void} show called when there is more to show
   */
  async fill(tree, node, url, sides, show) {
    if (url !== this.#url) this.#asked.clear();
    this.#url = url;
    const asked = new URL(url);
    for (const name of namesTo(tree, node)) asked.searchParams.append("below", name);
    if (!hasCuts(tree, node) || this.#asked.has(asked.href)) return;
    this.#asked.add(asked.href);
    try {
      const deeper = await loadTree(asked.href, () => {}, new AbortController().signal, sides);
      const message = graft(tree, node, deeper);
      if (message) show(treeOf(message, sides));
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      // The picture stays as it is, and says what it lacks; zooming again asks again.
      this.#asked.delete(asked.href);
    }
  }
}
