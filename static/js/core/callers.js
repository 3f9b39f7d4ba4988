/**
 * Stacks turned round: from a function to who called it. Made level by level, so that what is too small to matter is cut
 * off before its callers are: a million stacks of 35 frames would become up to 35 million nodes.
 */

import { Trie } from "./trie.js";

/** Callers with less than this share of the whole are counted as cut, not followed: a fiftieth of a pixel on a wide screen. */
const SMALLEST_SHARE = 1e-5;

/**
 * @param {import("./tree.js").Tree} tree
 * @param {number[]|Uint32Array} nodes where to start  @param {ArrayLike<number>} values of the nodes by number
 * @param {number} rootFrame  @param {boolean} named whether the root itself stands for the nodes' own function
 * @param {ArrayLike<number>} [weights] what decides which are too small, when it is not the values themselves
 * @returns {Trie}
 */
export function callersOf(tree, nodes, values, rootFrame, named, weights = values) {
  const trie = new Trie(rootFrame, nodes.length);
  const value = picked(nodes, values);
  const weight = weights === values ? value : picked(nodes, weights);
  const walk = { at: new Uint32Array(nodes), value, weight, below: new Uint32Array(nodes.length) };
  const { parent } = tree;
  if (named) for (let i = 0; i < walk.at.length; i++) walk.at[i] = parent[walk.at[i]];
  const smallest = sum(walk.weight, walk.weight.length) * SMALLEST_SHARE;
  let reached = new Float64Array(0);
  for (let count = walk.at.length; count > 0; ) {
    count = end(trie, walk, count);
    climb(tree, trie, walk, count);
    reached = longer(reached, trie.parent.length);
    // A node of the trie is reached in one level only: the values of levels before need not be forgotten.
    for (let i = 0; i < count; i++) reached[walk.below[i]] += walk.weight[i];
    count = cutSmall(trie, walk, count, reached, smallest);
  }
  return trie;
}

/** Stacks that have no more callers give their value to the node they lead to. @returns {number} how many go on */
function end(trie, walk, count) {
  return keep(walk, count, (i) => {
    if (walk.at[i] !== 0) return true;
    trie.self[walk.below[i]] += walk.value[i];
    return false;
  });
}

function climb({ frame, parent }, trie, { below, at }, count) {
  for (let i = 0; i < count; i++) {
    below[i] = trie.child(below[i], frame[at[i]]);
    at[i] = parent[at[i]];
  }
}

function longer(column, length) {
  if (column.length >= length) return column;
  const grown = new Float64Array(length);
  grown.set(column);
  return grown;
}

function cutSmall(trie, walk, count, reached, smallest) {
  return keep(walk, count, (i) => {
    if (reached[walk.below[i]] >= smallest || walk.at[i] === 0) return true;
    trie.cut(walk.below[i], walk.value[i], 1);
    return false;
  });
}

function keep(walk, count, goesOn) {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (!goesOn(i)) continue;
    walk.at[kept] = walk.at[i];
    walk.value[kept] = walk.value[i];
    walk.weight[kept] = walk.weight[i];
    walk.below[kept++] = walk.below[i];
  }
  return kept;
}

function picked(nodes, values) {
  const column = new Float64Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) column[i] = values[nodes[i]];
  return column;
}

function sum(column, length) {
  let total = 0;
  for (let i = 0; i < length; i++) total += column[i];
  return total;
}
