/** Trees as plain stacks, and stacks as trees: what the fast ways are checked against. */

import { messageOf } from "./messages.js";
import { readTree } from "../../static/js/core/tree.js";

/** @param {Tree} tree  @returns {Object<string, number>} own values by `a;b;c` from below the root */
export function stacks(tree) {
  const result = {};
  for (let node = 0; node < tree.length; node++) {
    const path = tree.ancestry(node).slice(1).map((at) => tree.name(at)).join(";");
    if (tree.self[node] > 0) result[path] = (result[path] ?? 0) + tree.self[node];
  }
  return result;
}

/** @param {[string[], number][]} samples  @returns {Tree} siblings sorted by name */
export function treeOf(samples, options) {
  const root = { children: new Map(), self: 0 };
  for (const [path, value] of samples) {
    let at = root;
    for (const name of path) {
      if (!at.children.has(name)) at.children.set(name, { children: new Map(), self: 0 });
      at = at.children.get(name);
    }
    at.self += value;
  }
  const nodes = [];
  const visit = (at, name, depth) => {
    nodes.push({ depth, name, self: at.self });
    for (const child of [...at.children.keys()].sort()) visit(at.children.get(child), child, depth + 1);
  };
  visit(root, "all", 0);
  return readTree(messageOf(nodes, options));
}

/** The same stacks for the same seed: four functions, so that recursion of all sorts occurs. */
export function randomSamples(seed, count = 40) {
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
  return Array.from({ length: count }, () => [Array.from({ length: 1 + Math.floor(random() * 8) }, () => "abcd"[Math.floor(random() * 4)]), 1 + Math.floor(random() * 9)]);
}
