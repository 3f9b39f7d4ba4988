/** One pass that turns a tree into another one: each node stays, joins its caller or goes. */

import { Trie } from "./trie.js";

/** The node, and with it its value, is not in the new tree. */
export const GONE = -1;

/**
 * @param {import("./tree.js").Tree} tree
 * @param {(node: number, above: number, trie: Trie) => number} place new node of an old one, given its caller's (or GONE);
 *   the same as `above` to join it
 * @param {(node: number) => boolean} [counts] whether a node's own value comes along; what it calls decides for itself
 * @param {number} [rootFrame] the old root's when left out
 * @returns {Trie}
 */
export function rebuild(tree, place, counts = () => true, rootFrame = tree.frame[0]) {
  const trie = new Trie(rootFrame, tree.length);
  const { parent, self, length } = tree;
  const placed = new Int32Array(length);
  for (let node = 1; node < length; node++) {
    const at = (placed[node] = place(node, placed[parent[node]], trie));
    if (at !== GONE && self[node] > 0 && counts(node)) trie.self[at] += self[node];
  }
  if (counts(0)) trie.self[0] += tree.self[0];
  tree.cutNode.forEach((node, i) => {
    if (placed[node] !== GONE && counts(node)) trie.cut(placed[node], tree.cutValue[i], tree.cutCount[i]);
  });
  if (tree.sparse) trie.placed = placed.map((at, node) => (counts(node) ? at : GONE));
  return trie;
}

/**
 * Stacks from the outermost frame that is meant downwards, each below the root.
 * @param {import("./tree.js").Tree} tree  @param {Uint8Array} meant per frame
 * @param {number} [asRoot] that frame, the only one that is meant, is the root itself
 * @returns {Trie}
 */
export function below(tree, meant, asRoot = -1) {
  const { parent, frame, length } = tree;
  const inside = new Uint8Array(length);
  const place = (node, above, trie) => {
    const within = inside[parent[node]] === 1;
    if (!within && meant[frame[node]] === 0) return GONE;
    inside[node] = 1;
    if (!within && asRoot >= 0) return 0;
    return trie.child(within ? above : 0, frame[node]);
  };
  return rebuild(tree, place, (node) => inside[node] === 1, asRoot < 0 ? undefined : asRoot);
}

/** The outermost nodes that are meant. @param {import("./tree.js").Tree} tree  @param {Uint8Array} meant per frame  @returns {number[]} */
export function outermost(tree, meant) {
  const nodes = [];
  for (let node = 1; node < tree.length; ) {
    if (meant[tree.frame[node]] === 1) nodes.push(node);
    node = meant[tree.frame[node]] === 1 ? tree.end[node] : node + 1;
  }
  return nodes;
}
