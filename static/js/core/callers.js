/**
 * Stacks turned round: from a function to who called it. What is too small to matter is cut off before its callers are
 * made: a million stacks of 35 frames would become up to 35 million nodes.
 *
 * All stacks lie side by side in columns. Those of one node are sorted by their next caller, which is then a run of them,
 * and so on: nodes come depth first, siblings in their order, as a message has them, and what is touched is near.
 */

import { StackColumns } from "./stack-columns.js";
import { ShapeColumns } from "./shape-columns.js";

/** Callers with less than this share of the whole are counted as cut, not followed: a fiftieth of a pixel on a wide screen. */
const SMALLEST_SHARE = 1e-5;

/**
 * @typedef {object} Wanted
 * @property {ArrayLike<number>} values of the nodes by number
 * @property {ArrayLike<number>} [weights] what decides which are too small, when it is not the values themselves
 * @property {number} rootFrame  @property {boolean} [named] whether the root itself stands for the nodes' own function
 * @property {Uint32Array} rank of each frame among siblings (`rankFrames`)
 */

/**
 * @param {import("./tree.js").Tree} tree  @param {ArrayLike<number>} nodes where to start  @param {Wanted} wanted
 * @param {{self: number, cutValue: number, cutCount: number}} [own] of the root beside these
 * @returns {import("./tree.js").Shape}
 */
export function callersOf(tree, nodes, { values, weights = values, rootFrame, named = false, rank }, own) {
  const stacks = new StackColumns(tree, nodes, { values, weights, rank });
  if (named) stacks.leave();
  const made = new ShapeColumns(nodes.length);
  const smallest = sum(stacks.weight) * SMALLEST_SHARE;
  const { key, weight } = stacks;
  // Of the node that is open at each depth: the stacks whose next caller is not made yet.
  const [next, ends] = [new Uint32Array(tree.maxDepth + 2), new Uint32Array(tree.maxDepth + 2)];
  made.add(0, rootFrame);
  if (own) made.give(0, own.self, own.cutValue, own.cutCount);
  ends[0] = open(stacks, 0, nodes.length, 0, made);
  for (let depth = 0; depth >= 0; ) {
    const first = next[depth];
    if (first === ends[depth]) {
      depth--;
      continue;
    }
    let reached = 0;
    let end = first;
    for (; end < ends[depth] && key[end] === key[first]; end++) reached += weight[end];
    next[depth] = end;
    const node = made.add(depth + 1, stacks.frameAt(key[first]));
    if (reached < smallest) cut(stacks, first, end, node, made);
    else {
      depth++;
      next[depth] = first;
      ends[depth] = open(stacks, first, end, node, made);
    }
  }
  return made.shape();
}

/** Stacks that end here give their value to the node, the others go on. @returns {number} end of those that do, sorted by their next callers */
function open(stacks, first, end, node, made) {
  const { value, at } = stacks;
  let going = first;
  for (let i = first; i < end; i++) {
    if (at[i] === 0) made.give(node, value[i], 0, 0);
    else stacks.move(i, going++);
  }
  stacks.climb(first, going);
  return going;
}

function cut({ value, at }, first, end, node, made) {
  for (let i = first; i < end; i++) {
    if (at[i] === 0) made.give(node, value[i], 0, 0);
    else made.give(node, 0, value[i], 1);
  }
}

function sum(column) {
  let total = 0;
  for (let i = 0; i < column.length; i++) total += column[i];
  return total;
}
