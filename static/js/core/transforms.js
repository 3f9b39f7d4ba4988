/** The steps of a trail (core/trail.js) taken on a tree. Each makes a new tree, and what is gone is told. */

import { callersOf } from "./callers.js";
import { GROUPINGS } from "./frame-groups.js";
import { functionsOf } from "./functions.js";
import { KINDS } from "./kinds.js";
import { collapseBelow, merged } from "./merge-steps.js";
import { nodeOf } from "./path.js";
import { GONE, below, rebuild } from "./rebuild.js";
import { framesMeant, targetError } from "./targets.js";
import { SUBTREE, split } from "./trail.js";
import { Trie, rankFrames } from "./trie.js";
import { reshape } from "./tree.js";

const PROCESS = KINDS.findIndex(({ key }) => key === "process");

/** What a step does with the frames that it means. */
const ON_TARGETS = {
  focus: below,
  hide: (tree, meant) => joining(tree, (frame) => meant[frame] === 1),
  only: (tree, meant) => joining(tree, (frame) => meant[frame] === 0 && tree.frames.kind[frame] !== PROCESS),
  drop,
  keep,
  collapse: collapseBelow,
  merge: (tree, meant) => merged(tree, "module", meant),
};
const PLAIN = { recursion: collapseRecursion, invert, ...Object.fromEntries(GROUPINGS.map((by) => [`group:${by}`, (tree) => merged(tree, by)])) };

/**
 * @typedef {object} Taken what one step did
 * @property {string} step  @property {number} dropped value that is gone  @property {string} error why it was skipped, or ""
 */

/**
 * @param {import("./tree.js").Tree} tree  @param {string[]} steps
 * @returns {{tree: import("./tree.js").Tree, taken: Taken[]}} the values of `taken` and of the tree add up to those before
 */
export function transform(tree, steps) {
  const taken = [];
  for (const step of steps) {
    const { made, error } = take(tree, step);
    const next = made instanceof Trie ? reshape(tree, made.shape(rankFrames(tree))) : (made ?? tree);
    taken.push({ step, error, dropped: tree.total[0] - next.total[0] });
    tree = next;
  }
  return { tree, taken };
}

/** @returns {{made: Trie|import("./tree.js").Tree|null, error: string}} null for a step that is skipped */
function take(tree, step) {
  const refused = (error) => ({ made: null, error });
  if (step in PLAIN) return { made: PLAIN[step](tree), error: "" };
  if (step.startsWith(SUBTREE)) {
    const node = nodeOf(tree, step.slice(SUBTREE.length));
    return node < 0 ? refused("this place is not in the profile") : { made: subtree(tree, node), error: "" };
  }
  const { verb, target } = split(step);
  if (!(verb in ON_TARGETS)) return refused("no such step");
  const error = targetError(target);
  if (error) return refused(error);
  const meant = framesMeant(tree, target);
  return meant.includes(1) ? { made: ON_TARGETS[verb](tree, meant), error: "" } : refused("no frame of that name");
}

function joining(tree, joins) {
  return rebuild(tree, (node, above, trie) => (joins(tree.frame[node]) ? above : trie.child(above, tree.frame[node])));
}

function drop(tree, meant) {
  return rebuild(tree, (node, above, trie) => {
    const frame = tree.frame[node];
    return above === GONE || meant[frame] === 1 ? GONE : trie.child(above, frame);
  });
}

function keep(tree, meant) {
  const { parent, frame, length } = tree;
  const [inside, leads] = [new Uint8Array(length), new Uint8Array(length)];
  for (let node = 1; node < length; node++) inside[node] = inside[parent[node]] | meant[frame[node]];
  for (let node = length - 1; node > 0; node--) leads[parent[node]] |= leads[node] |= inside[node];
  const place = (node, above, trie) => (leads[node] ? trie.child(above, frame[node]) : GONE);
  return rebuild(tree, place, (node) => inside[node] === 1);
}

/** Its frames differ when it was inlined or its line is known only once: a function is a name in a module. */
function collapseRecursion(tree) {
  const { of } = functionsOf(tree);
  const { parent, frame } = tree;
  const again = (node) => of[frame[node]] === of[frame[parent[node]]];
  return rebuild(tree, (node, above, trie) => (again(node) ? above : trie.child(above, frame[node])));
}

function subtree(tree, top) {
  const within = (node) => node >= top && node < tree.end[top];
  const place = (node, above, trie) => (within(node) ? trie.child(node === top ? 0 : above, tree.frame[node]) : GONE);
  return rebuild(tree, place, top === 0 ? undefined : within);
}

function invert(tree) {
  const { self: weights } = tree.decider ?? tree;
  const nodes = new Uint32Array(tree.length);
  let count = 0;
  for (let node = 1; node < tree.length; node++) if (weights[node] > 0) nodes[count++] = node;
  // Nobody knows the innermost frames of what the server cut.
  const sum = (column) => column.reduce((all, one) => all + one, 0);
  const own = { self: tree.self[0], cutValue: sum(tree.cutValue), cutCount: sum(tree.cutCount) };
  return reshape(tree, callersOf(tree, nodes.subarray(0, count), { values: tree.self, weights, rootFrame: tree.frame[0], rank: rankFrames(tree) }, own));
}
