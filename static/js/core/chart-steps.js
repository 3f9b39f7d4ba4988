/**
 * Steps taken on a flame chart (profiler/core/flame_chart.py). A step is taken on its stacks as on any tree's, where equal ones
 * are one, and says which node each came to; then they are put in the order of time again.
 */

import { KINDS } from "./kinds.js";
import { GONE } from "./rebuild.js";
import { framesMeant, targetError } from "./targets.js";
import { SUBTREE, split } from "./trail.js";
import { transform } from "./transforms.js";
import { reshape } from "./tree.js";

const PROCESS = KINDS.findIndex(({ key }) => key === "process");
/** Without a frame that is meant, stacks are gone, or hidden whole. */
const NEEDED = new Set(["focus", "keep", "only"]);

/**
 * What of a trail can be taken on lanes of threads.
 * @param {import("./tree.js").Tree} base the profile without steps  @param {import("./transforms.js").Taken[]} taken on its graph
 * @returns {{steps: string[], left: {step: string, why: string}[]}}
 */
export function stepsInTime(base, taken) {
  const found = { steps: [], left: [] };
  for (const { step, error } of taken) {
    const why = error ? "" : notInTime(base, step);
    if (why) found.left.push({ step, why });
    else if (!error) found.steps.push(step);
  }
  return found;
}

function notInTime(base, step) {
  if (step === "invert") return "callers have no order of time";
  if (step.startsWith(SUBTREE)) return "it is about one place of the graph";
  const { target } = split(step);
  if (targetError(target)) return "";
  const meant = framesMeant(base, target);
  return meant.includes(1) && meant.every((means, f) => means === 0 || base.frames.kind[f] === PROCESS) ? "lanes are not grouped as the graph is" : "";
}

/** @param {import("./tree.js").Tree} chart  @param {string[]} steps of `stepsInTime`  @returns {import("./tree.js").Tree} a chart of the same time */
export function chartAfter(chart, steps) {
  if (steps.length === 0) return chart;
  let tree = chart;
  let moved = Int32Array.from({ length: chart.length }, (_, node) => node);
  for (const step of steps) {
    const { tree: next, taken } = transform(tree, [step]);
    if (taken[0].error && NEEDED.has(split(step).verb)) moved.fill(GONE);
    if (taken[0].error) continue;
    moved = moved.map((node) => (node === GONE ? GONE : next.moved[node]));
    tree = next;
  }
  return inOrder(chart, tree, moved);
}

/** The nodes of `tree` that those of `chart` came to, when they ran. */
function inOrder(chart, tree, moved) {
  const made = new Nodes(chart);
  const paths = new Map();
  const pathTo = (node) => {
    if (!paths.has(node)) paths.set(node, tree.ancestry(node).slice(1));
    return paths.get(node);
  };
  eachRun(chart, (node, from, to) => made.run(moved[node] === GONE ? [] : pathTo(moved[node]), from, to));
  return reshape(tree, made.shape(tree.frame));
}

/** Each time in which a node ran itself, in their order. @param {(node: number, from: number, to: number) => void} act */
function eachRun({ length, start, total, end }, act) {
  const open = [];
  const cursor = [];
  const until = (at) => {
    if (open.length > 0 && at > cursor.at(-1)) act(open.at(-1), cursor.at(-1), at);
  };
  const close = () => {
    const node = open.at(-1);
    until(start[node] + total[node]);
    open.pop();
    cursor.pop();
    if (open.length > 0) cursor[cursor.length - 1] = start[node] + total[node];
  };
  for (let node = 1; node < length; node++) {
    while (open.length > 0 && end[open.at(-1)] <= node) close();
    until(start[node]);
    open.push(node);
    cursor.push(start[node]);
  }
  while (open.length > 0) close();
}

/** Columns of a chart that grows to the right. */
class Nodes {
  #open = [];
  #before = -1;
  #columns = { depth: [0], of: [0], start: [0], total: [], parent: [0] };

  constructor({ total }) {
    this.#columns.total.push(total[0]);
  }

  /** A stack, as nodes of the tree, from a time to another. @param {number[]} path  @param {number} from  @param {number} to */
  run(path, from, to) {
    let shared = 0;
    while (from === this.#before && shared < Math.min(path.length, this.#open.length) && this.#columns.of[this.#open[shared]] === path[shared]) shared++;
    this.#open.length = shared;
    const { depth, of, start, total, parent } = this.#columns;
    for (const node of path.slice(shared)) {
      parent.push(this.#open.at(-1) ?? 0);
      this.#open.push(depth.length);
      depth.push(this.#open.length);
      of.push(node);
      start.push(from);
      total.push(0);
    }
    for (const node of this.#open) total[node] = to - start[node];
    this.#before = to;
  }

  /** @param {ArrayLike<number>} frame of each of the tree's nodes  @returns {import("./tree.js").Shape} */
  shape(frame) {
    const { depth, of, start, total, parent } = this.#columns;
    const self = Float64Array.from(total);
    for (let node = 1; node < total.length; node++) self[parent[node]] -= total[node];
    const none = { cut_node: new Uint32Array(0), cut_value: new Float64Array(0), cut_count: new Uint32Array(0) };
    return { ...none, depth: Uint16Array.from(depth), frame: Uint32Array.from(of, (node) => frame[node]), self, start: Float64Array.from(start), total: total[0] };
  }
}
