/**
 * The tree a flame graph draws, as columns over node numbers in depth-first order; node 0 is the root.
 * Passes over the message's columns make everything else. No object per node: a million nodes are ordinary.
 *
 *   depth, frame, self   as sent
 *   total                own value + children + what was cut below
 *   end                  one past the last node of the subtree, so a subtree is the slice node..end
 *   start                left edge: children follow each other from their parent's left edge; cut and own value lie to the
 *                        right. In a part of a tree (core/part.js) frames are where they are in the whole
 *   parent               of the root: the root itself
 *   levels               node numbers by depth, left to right; `levelStart[d]..levelStart[d + 1]` is depth d
 *
 * The last three are made when they are first asked for: who works on a tree in a worker never draws it.
 */

import { addedTo, withAdded } from "./added-frames.js";
import { WireError, decode } from "./wire.js";

// Sums below this are exact in 32 bits, which halves the memory of the two value columns.
const U32_LIMIT = 2 ** 32;

export class Tree {
  #parent = null;
  #start = null;
  #levels = null;

  /** @param {{header: object, columns: object}} message as `decode` gives it  @throws {WireError} */
  constructor({ header, columns }) {
    this.header = header;
    this.columns = columns;
    /** What shares are of: the profile's total, also where this tree is a part of it. */
    this.whole = header.whole ?? header.total;
    this.strings = header.strings;
    /** Whether there are gaps between siblings: a chart over time (profiler/core/flame_chart.py). */
    this.sparse = header.sparse === true;
    this.unit = header.unit;
    this.report = header.report; // null where nobody kept what was lost
    this.meta = header.meta;
    this.periodNs = header.period_ns;
    this.length = columns.depth.length;
    this.depth = columns.depth;
    this.frame = columns.frame;
    this.self = columns.self;
    this.cutNode = columns.cut_node;
    this.cutValue = columns.cut_value;
    this.cutCount = columns.cut_count;
    this.frames = {
      length: columns.frame_name.length,
      name: columns.frame_name,
      module: columns.frame_module,
      file: columns.frame_file,
      kind: columns.frame_kind,
      line: columns.frame_line,
    };
    /** Of a part, numbers of its nodes in the whole tree, else null. */
    this.place = columns.place ?? null;
    /** Of one side's values: the tree whose nodes these are, which decides what is cut (core/sides.js). */
    this.decider = null;
    /** The same object for all parts of one whole. */
    this.family = {};
    /** Of a chart after a step: the node here that each node before gave its own value to, below 0 for none (core/chart-steps.js). */
    this.moved = null;
    this.maxDepth = checkDepths(this);
    sumTotals(this, header.total);
    if (columns.start) this.#start = checkStarts(this, columns.start);
  }

  /** Whether more nodes exist than are here, for whoever has the whole (ui/analyst.js). */
  get partial() {
    return this.place !== null;
  }

  get parent() {
    return (this.#parent ??= linkParents(this));
  }

  get start() {
    return (this.#start ??= placeNodes(this));
  }

  get levels() {
    return (this.#levels ??= sortLevels(this)).nodes;
  }

  get levelStart() {
    return (this.#levels ??= sortLevels(this)).start;
  }

  /** @param {number} place number of a node in the whole tree  @returns {number} its number here, or -1 */
  nodeOfPlace(place) {
    const node = lowerBound(this.place, place);
    return this.place[node] === place ? node : -1;
  }

  /** @param {number} node  @returns {string} the frame's name as sent (maybe empty, maybe hostile) */
  name(node) {
    return this.strings[this.frames.name[this.frame[node]]];
  }

  /** @param {number} node */
  frameOf(node) {
    const f = this.frame[node];
    const { module, file, kind, line } = this.frames;
    const text = (column) => this.strings[column[f]];
    return { name: this.name(node), module: text(module), file: text(file), kind: kind[f], line: line[f] };
  }

  /** @param {number} node  @returns {number[]} nodes from the root down to it */
  ancestry(node) {
    const path = [node];
    while (node !== 0) path.push((node = this.parent[node]));
    return path.reverse();
  }

  /** What the server left out directly below a node. @param {number} node  @returns {{value: number, count: number, at: number}} `at`: its place in the cut columns */
  cutBelow(node) {
    const i = lowerBound(this.cutNode, node);
    return this.cutNode[i] === node ? { value: this.cutValue[i], count: this.cutCount[i], at: i } : { value: 0, count: 0, at: -1 };
  }
}

/** Where a number is in a sorted column, or would be. */
function lowerBound(column, number) {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @param {ArrayBuffer} buffer  @returns {Tree}  @throws {WireError} */
export function readTree(buffer) {
  return new Tree(decode(buffer));
}

/**
 * @typedef {object} Shape nodes of a tree, as columns of a wire message
 * @property {Uint16Array} depth  @property {Uint32Array} frame  @property {Uint32Array|Float64Array} self
 * @property {Uint32Array} cut_node  @property {Float64Array} cut_value  @property {Uint32Array} cut_count
 * @property {Uint32Array} [place]  @property {Uint32Array|Float64Array} [start] of a part (core/part.js)
 * @property {number} total  @property {Int32Array} [moved] of a chart: `Tree.moved`
 * @property {import("./added-frames.js").Added|null} [added] frames beyond the message's own that nodes are of
 */

/** @param {Tree} tree  @returns {Shape} its own columns, not copies */
export function shapeOf(tree) {
  const { depth, frame, self, cut_node, cut_value, cut_count } = tree.columns;
  return { depth, frame, self, cut_node, cut_value, cut_count, total: tree.header.total, added: addedTo(tree) };
}

/**
 * Other nodes over the same frames and strings, and those that were added.
 * @param {Tree} tree  @param {Shape} shape  @returns {Tree} its shares are of the same whole as those of `tree`
 */
export function reshape(tree, { total, added = null, moved = null, ...nodes }) {
  const grown = withAdded(tree, added);
  const { place, start, ...columns } = grown.columns;
  const own = added ? (tree.header.own ?? { frames: tree.frames.length, strings: tree.strings.length }) : tree.header.own;
  const header = { ...tree.header, strings: grown.strings, own, total, nodes: nodes.depth.length, whole: tree.whole };
  return Object.assign(new Tree({ header, columns: { ...columns, ...nodes } }), { moved });
}

function checkDepths({ depth, length }) {
  let deepest = 0;
  if (depth[0] !== 0) throw new WireError(`the root's depth is ${depth[0]}, not 0`);
  for (let i = 1; i < length; i++) {
    const d = depth[i];
    if (d === 0 || d > depth[i - 1] + 1) throw new WireError(`depth ${d} of node ${i} follows ${depth[i - 1]}`);
    if (d > deepest) deepest = d;
  }
  return deepest;
}

function linkParents({ depth, length, maxDepth }) {
  const parent = new Uint32Array(length);
  const open = new Uint32Array(maxDepth + 1);
  for (let i = 1; i < length; i++) {
    const d = depth[i];
    parent[i] = open[d - 1];
    open[d] = i;
  }
  return parent;
}

function sumTotals(tree, announced) {
  const { length, depth, self, maxDepth } = tree;
  const Column = announced < U32_LIMIT ? Uint32Array : Float64Array;
  const total = (tree.total = new Column(length));
  const end = (tree.end = new Uint32Array(length));
  total.set(self);
  for (let i = 0; i < tree.cutNode.length; i++) total[tree.cutNode[i]] += tree.cutValue[i];
  // From the last node on: what lies deeper and was not yet taken are the children of the next one above.
  const below = new Float64Array(maxDepth + 2);
  const last = new Uint32Array(maxDepth + 2);
  for (let i = length - 1; i >= 0; i--) {
    if (!(self[i] >= 0)) throw new WireError(`value ${self[i]} of node ${i} is not a number ≥ 0`);
    const d = depth[i];
    total[i] += below[d + 1];
    end[i] = last[d + 1] === 0 ? i + 1 : last[d + 1];
    below[d + 1] = last[d + 1] = 0;
    below[d] += total[i];
    if (last[d] === 0) last[d] = end[i];
  }
  // Values beyond 2^53 lose their last digits in doubles; a damaged message is off by more.
  if (Math.abs(total[0] - announced) > announced * 1e-9) {
    throw new WireError(`the nodes sum up to ${total[0]}, the header says ${announced}`);
  }
}

function placeNodes({ length, depth, total, maxDepth }) {
  const start = new total.constructor(length);
  const next = new Float64Array(maxDepth + 2);
  for (let i = 0; i < length; i++) {
    const d = depth[i];
    start[i] = next[d];
    next[d + 1] = next[d];
    next[d] += total[i];
  }
  return start;
}

/** Within the caller, and right of the sibling before: who draws and who looks for a place counts on it. */
function checkStarts({ length, depth, total, maxDepth }, start) {
  const free = new Float64Array(maxDepth + 2);
  const limit = new Float64Array(maxDepth + 2).fill(Infinity);
  for (let i = 0; i < length; i++) {
    const d = depth[i];
    const right = start[i] + total[i];
    // Sums beyond 2^53 may be off in their last digits.
    const slack = right * 1e-9;
    if (start[i] < free[d] - slack || right > limit[d] + slack) throw new WireError(`node ${i} is at ${start[i]}, which is not its place`);
    free[d] = right;
    free[d + 1] = start[i];
    limit[d + 1] = right;
  }
  return start;
}

function sortLevels({ length, depth, maxDepth }) {
  const start = new Uint32Array(maxDepth + 2);
  for (let i = 0; i < length; i++) start[depth[i] + 1]++;
  for (let d = 0; d <= maxDepth; d++) start[d + 1] += start[d];
  const next = start.slice();
  const nodes = new Uint32Array(length);
  for (let i = 0; i < length; i++) nodes[next[depth[i]]++] = i;
  return { nodes, start };
}
