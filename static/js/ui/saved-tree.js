/** The tree that lies in the page itself: that of a saved file (profiler/html_file). */

import { unpack } from "../core/unpack.js";
import { LoadError, parse } from "./tree-loader.js";

/**
 * @param {object} sides how one with two sides is read (core/diff.js)
 * @returns {Promise<import("../core/tree.js").Tree>} its `source` is the text of the whole, where this is a part of it  @throws {LoadError}
 */
export async function savedTree(sides) {
  const tree = parse(await unpacked(), sides);
  const packed = document.querySelector("#saved-whole")?.textContent;
  return Object.assign(tree, { source: packed === undefined ? null : { packed } });
}

async function unpacked() {
  try {
    return await unpack(document.querySelector("#saved-tree").textContent);
  } catch (error) {
    throw new LoadError("This file is damaged", `What it holds of the profile can't be read (${error.message}). It was cut short or changed on its way: ask for it again.`, false);
  }
}
