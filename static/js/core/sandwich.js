/** A function between its callers and its callees, wherever it was called. */

import { callersOf } from "./callers.js";
import { below, outermost } from "./rebuild.js";
import { framesMeant } from "./targets.js";
import { rankFrames } from "./trie.js";

/**
 * Both trees are about the same value: the union of the function's subtrees, so that recursion counts once. For one
 * function their root is that function; for several it is the profile's root.
 * @typedef {object} Sandwich
 * @property {import("./tree.js").Shape|null} callers root: innermost  @property {import("./tree.js").Shape|null} callees
 * @property {number} functions how many are meant; the trees are null when none is
 * @property {number} places outermost nodes
 */

/** @param {import("./tree.js").Tree} tree  @param {string} target core/targets.js  @returns {Sandwich} */
export function sandwich(tree, target) {
  const meant = framesMeant(tree, target);
  const nodes = outermost(tree, meant);
  const frames = new Set(nodes.map((node) => tree.frame[node]));
  if (nodes.length === 0) return { callers: null, callees: null, functions: 0, places: 0 };
  const rank = rankFrames(tree);
  const one = frames.size === 1;
  const root = one ? tree.frame[nodes[0]] : tree.frame[0];
  const callers = callersOf(tree, nodes, { values: tree.total, weights: (tree.decider ?? tree).total, rootFrame: root, named: one, rank });
  const callees = below(tree, meant, one ? root : -1).shape(rank);
  return { callers, callees, functions: frames.size, places: nodes.length };
}
