/** Where a function ran: its total, apart by the processes or threads that stacks are grouped under. */

import { KINDS } from "./kinds.js";
import { outermost } from "./rebuild.js";
import { framesMeant, targetError } from "./targets.js";

const PROCESS = KINDS.findIndex(({ key }) => key === "process");
/** What a strip has room for; the others are added up. */
const MAX_PARTS = 6;

/**
 * @typedef {object} Split
 * @property {number} total of the function, below itself counted once  @property {number} self
 * @property {number} places  @property {[string, number][]} parts name of a group and value, the largest first
 * @property {number} more value of the groups beyond them  @property {number} others how many these are
 */

/** @param {import("./tree.js").Tree} tree  @param {string} target core/targets.js  @returns {Split} */
export function splitOf(tree, target) {
  const meant = targetError(target) ? new Uint8Array(tree.frames.length) : framesMeant(tree, target);
  const sums = new Map();
  const nodes = outermost(tree, meant);
  let total = 0;
  for (const node of nodes) {
    const group = groupOf(tree, node);
    sums.set(group, (sums.get(group) ?? 0) + tree.total[node]);
    total += tree.total[node];
  }
  let self = 0;
  let places = 0;
  for (let node = 1; node < tree.length; node++) {
    if (meant[tree.frame[node]] === 0) continue;
    self += tree.self[node];
    places++;
  }
  const parts = [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const beyond = parts.slice(MAX_PARTS);
  return { total, self, places, parts: parts.slice(0, MAX_PARTS), more: beyond.reduce((sum, [, value]) => sum + value, 0), others: beyond.length };
}

/** Names of the groups above a node, from the outermost on; "" for none. */
function groupOf(tree, node) {
  const names = [];
  for (let at = node; at !== 0; at = tree.parent[at]) if (tree.frames.kind[tree.frame[at]] === PROCESS) names.push(tree.name(at));
  return names.reverse().join(" › ");
}
