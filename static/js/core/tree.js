/**
 * The tree a flame graph draws, as columns over node numbers in depth-first order; node 0 is the root.
 * One forward and one backward pass make everything else from the message. No object per node: a million nodes are ordinary.
 *
 *   depth, frame, self   as sent
 *   total                own value + children + what was cut below
 *   start                left edge: children follow each other from their parent's left edge; cut and own value lie to the right
 *   end                  one past the last node of the subtree, so a subtree is the slice node..end
 *   parent               of the root: the root itself
 *   levels               node numbers by depth, left to right; `levelStart[d]..levelStart[d + 1]` is depth d
 */

import { addedTo, withAdded } from "./added-frames.js";
import { WireError, decode } from "./wire.js";

// Sums below this are exact in 32 bits, which halves the memory of the two value columns.
const U32_LIMIT = 2 ** 32;

export class Tree {
  /** @param {{header: object, columns: object}} message as `decode` gives it  @throws {WireError} */
  constructor({ header, columns }) {
    this.header = header;
    this.columns = columns;
    /** What shares are of: the profile's total, also where this tree is a part of it. */
    this.whole = header.whole ?? header.total;
    this.strings = header.strings;
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
    this.maxDepth = linkParents(this);
    sumTotals(this, header.total);
    placeNodes(this);
    sortLevels(this);
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

  /** What the server left out directly below a node. @param {number} node  @returns {{value: number, count: number}} */
  cutBelow(node) {
    const i = this.cutNode.indexOf(node);
    return i < 0 ? { value: 0, count: 0 } : { value: this.cutValue[i], count: this.cutCount[i] };
  }
}

/** @param {ArrayBuffer} buffer  @returns {Tree}  @throws {WireError} */
export function readTree(buffer) {
  return new Tree(decode(buffer));
}

/**
 * @typedef {object} Shape nodes of a tree, as columns of a wire message
 * @property {Uint16Array} depth  @property {Uint32Array} frame  @property {Uint32Array|Float64Array} self
 * @property {Uint32Array} cut_node  @property {Float64Array} cut_value  @property {Uint32Array} cut_count
 * @property {number} total
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
export function reshape(tree, { total, added = null, ...nodes }) {
  const { strings, columns } = withAdded(tree, added);
  const own = added ? (tree.header.own ?? { frames: tree.frames.length, strings: tree.strings.length }) : tree.header.own;
  const header = { ...tree.header, strings, own, total, nodes: nodes.depth.length, whole: tree.whole };
  return new Tree({ header, columns: { ...columns, ...nodes } });
}

function linkParents(tree) {
  const { depth, length } = tree;
  const parent = (tree.parent = new Uint32Array(length));
  const open = [0];
  let deepest = 0;
  if (depth[0] !== 0) throw new WireError(`the root's depth is ${depth[0]}, not 0`);
  for (let i = 1; i < length; i++) {
    const d = depth[i];
    if (d === 0 || d > depth[i - 1] + 1) throw new WireError(`depth ${d} of node ${i} follows ${depth[i - 1]}`);
    parent[i] = open[d - 1];
    open[d] = i;
    if (d > deepest) deepest = d;
  }
  return deepest;
}

function sumTotals(tree, announced) {
  const { length, parent, self } = tree;
  const Column = announced < U32_LIMIT ? Uint32Array : Float64Array;
  const total = (tree.total = new Column(length));
  const end = (tree.end = new Uint32Array(length));
  total.set(self);
  for (let i = 0; i < tree.cutNode.length; i++) total[tree.cutNode[i]] += tree.cutValue[i];
  // Children have higher numbers than their parent, and the first met here is the last child.
  for (let i = length - 1; i >= 0; i--) {
    if (!(self[i] >= 0)) throw new WireError(`value ${self[i]} of node ${i} is not a number ≥ 0`);
    if (end[i] === 0) end[i] = i + 1;
    if (i === 0) break;
    total[parent[i]] += total[i];
    if (end[parent[i]] === 0) end[parent[i]] = end[i];
  }
  // Values beyond 2^53 lose their last digits in doubles; a damaged message is off by more.
  if (Math.abs(total[0] - announced) > announced * 1e-9) {
    throw new WireError(`the nodes sum up to ${total[0]}, the header says ${announced}`);
  }
}

function placeNodes(tree) {
  const { length, depth, total } = tree;
  const start = (tree.start = new total.constructor(length));
  const next = new Float64Array(tree.maxDepth + 2);
  for (let i = 0; i < length; i++) {
    const d = depth[i];
    start[i] = next[d];
    next[d + 1] = next[d];
    next[d] += total[i];
  }
}

function sortLevels(tree) {
  const { length, depth } = tree;
  const levelStart = (tree.levelStart = new Uint32Array(tree.maxDepth + 2));
  for (let i = 0; i < length; i++) levelStart[depth[i] + 1]++;
  for (let d = 0; d <= tree.maxDepth; d++) levelStart[d + 1] += levelStart[d];
  const next = levelStart.slice();
  tree.levels = new Uint32Array(length);
  for (let i = 0; i < length; i++) tree.levels[next[depth[i]]++] = i;
}
