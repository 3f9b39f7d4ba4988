/** Where a function ran: its total, apart by the processes or threads that stacks are grouped under. */

import { KINDS } from "./kinds.js";
import { outermost } from "./rebuild.js";
import { framesMeant, targetError } from "./targets.js";

const PROCESS = KINDS.findIndex(({ key }) => key === "process");
/** What a strip has room for; the others are added up. */
const MAX_PARTS = 6;

/**
 * @typedef {object} Values
 * @property {number} total of the function, below itself counted once  @property {number} self
 * @property {number[]} parts of the groups that are named  @property {number} more of those beyond them
 *
 * @typedef {object} Split
 * @property {number} total  @property {number} self  @property {number} more as in Values, of the picture
 * @property {number} places  @property {[string, number][]} parts name of a group and value, the largest first
 * @property {number} others how many groups are beyond these
 * @property {[Values, Values]|null} sides the same groups of side A and B, where the tree has two
 */

/** @param {import("./tree.js").Tree} tree  @param {string} target core/targets.js  @returns {Split} */
export function splitOf(tree, target) {
  const meant = targetError(target) ? new Uint8Array(tree.frames.length) : framesMeant(tree, target);
  const its = placesOf(tree, meant);
  const names = groupNames(tree, its);
  const { parts, ...picture } = valuesOf(tree, its, names);
  const sides = tree.diff ? [tree.diff.a, tree.diff.b].map((side) => valuesOf(side, its, names)) : null;
  const shown = names.slice(0, MAX_PARTS).map((name, i) => [name, parts[i]]);
  return { ...picture, places: its.all.length, parts: shown, others: names.length - shown.length, sides };
}

/** A function's nodes, the outermost of them, and the group above each of these. */
function placesOf(tree, meant) {
  const outer = outermost(tree, meant);
  const all = [];
  for (let node = 1; node < tree.length; node++) if (meant[tree.frame[node]] === 1) all.push(node);
  return { all, outer, groups: outer.map((node) => groupOf(tree, node)) };
}

/** The group with most of the picture first. */
function groupNames({ total }, { outer, groups }) {
  const sums = new Map();
  outer.forEach((node, i) => sums.set(groups[i], (sums.get(groups[i]) ?? 0) + total[node]));
  return [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
}

/** @param {{self: ArrayLike<number>, total: ArrayLike<number>}} side by node */
function valuesOf({ self, total }, { all, outer, groups }, names) {
  const place = new Map(names.map((name, i) => [name, i]));
  const sums = new Array(names.length).fill(0);
  outer.forEach((node, i) => (sums[place.get(groups[i])] += total[node]));
  const add = (values) => values.reduce((sum, value) => sum + value, 0);
  return { total: add(sums), self: add(all.map((node) => self[node])), parts: sums.slice(0, MAX_PARTS), more: add(sums.slice(MAX_PARTS)) };
}

/** Names of the groups above a node, from the outermost on; "" for none. */
function groupOf(tree, node) {
  const names = [];
  for (let at = node; at !== 0; at = tree.parent[at]) if (tree.frames.kind[tree.frame[at]] === PROCESS) names.push(tree.name(at));
  return names.reverse().join(" › ");
}
