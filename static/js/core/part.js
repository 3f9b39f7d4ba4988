/**
 * The part of a tree that can be seen: frames wide enough in a picture of all, and those wide enough in a picture of a
 * range of it. Whoever draws needs no more; what is left out is counted as cut and keeps its room.
 * profiler/core/overview.py makes the first part in the same form: tests/golden/part.
 *
 * Columns beside those of a shape (core/tree.js): `place`, each node's number in the whole tree, and `start`.
 */

import { shapeOf } from "./tree.js";

/** A frame of this share of a range is a fifth of a pixel wide in a window of 1,600, half of one on the widest screens. */
const PIXELS = 8192;
/** Smaller trees are their own part. */
export const WHOLE_NODES = 20_000;
const FIRST_CAPACITY = 8192;
/** Callees of one row that a person may look through; what they were among is told beside them. */
export const MOST_CALLEES = 200;
const U32_LIMIT = 2 ** 32;

/**
 * @typedef {object} Closer what is looked at closely
 * @property {{start: number, end: number}[]} [ranges] of values
 * @property {number[]} [must] nodes that belong to the part however narrow, with all above them
 * @property {number[]} [callees] nodes whose largest callees do, too
 */

/**
 * @param {import("./tree.js").Tree} tree a whole one  @param {Closer} [closer]  @param {number} [pixels] width of the picture
 * @returns {import("./tree.js").Shape} the tree's own columns if it is small
 */
export function partOf(tree, closer = {}, pixels = PIXELS) {
  return tree.length <= WHOLE_NODES ? shapeOf(tree) : visiblePart(tree, closer, pixels);
}

/** The same of a tree of any size. @param {import("./tree.js").Tree} tree  @param {Closer} closer  @param {number} pixels */
export function visiblePart(tree, closer, pixels) {
  const picked = new Picked();
  pick(tree, closer, pixels, picked);
  const { place, start, cutValue, cutCount, count } = picked;
  const nodes = place.slice(0, count);
  const taken = (column) => {
    const made = new column.constructor(count);
    for (let i = 0; i < count; i++) made[i] = column[nodes[i]];
    return made;
  };
  const Value = tree.total[0] < U32_LIMIT ? Uint32Array : Float64Array;
  const cuts = nodes.map((_, i) => i).filter((i) => cutCount[i] > 0);
  return {
    depth: taken(tree.depth),
    frame: taken(tree.frame),
    self: taken(tree.self),
    place: nodes,
    start: new Value(start.subarray(0, count)),
    cut_node: cuts,
    cut_value: Float64Array.from(cuts, (i) => cutValue[i]),
    cut_count: Uint32Array.from(cuts, (i) => cutCount[i]),
    total: tree.total[0],
  };
}

/** Nodes in depth-first order. What is too narrow is stepped over with all below it. */
function pick(tree, { ranges = [], must = [], callees = [] }, pixels, picked) {
  const { depth, total, end, length, maxDepth } = tree;
  const least = total[0] / pixels;
  const inside = ranges.map((range) => ({ ...range, least: (range.end - range.start) / pixels }));
  const closest = inside.reduce((smallest, range) => Math.min(smallest, range.least), least);
  const left = new Float64Array(maxDepth + 2);
  const above = new Uint32Array(maxDepth + 2);
  const cuts = new Cuts(tree);
  const within = (value, at) => inside.some((range) => value >= range.least && at < range.end && at + value > range.start);
  const needed = isNeeded(tree, [...must, ...callees.flatMap((node) => largestCallees(tree, node))]);
  for (let node = 0; node < length; ) {
    const d = depth[node];
    const [value, at] = [total[node], left[d]];
    left[d] = at + value;
    const seen = value >= least || (value >= closest && within(value, at));
    if (node > 0 && !seen && !needed(node)) {
      cuts.below(node, end[node]);
      picked.cut(above[d], value, end[node] - node + cuts.count);
      node = end[node];
      continue;
    }
    above[d + 1] = picked.push(node, at);
    cuts.below(node, node + 1);
    if (cuts.count > 0) picked.cut(above[d + 1], cuts.value, cuts.count);
    left[d + 1] = at;
    node++;
  }
}

/** Whether one of these nodes is a node or below it; asked from left to right. */
function isNeeded({ end }, nodes) {
  const wanted = Uint32Array.from(nodes).sort();
  let next = 0;
  return (node) => {
    while (next < wanted.length && wanted[next] < node) next++;
    return next < wanted.length && wanted[next] < end[node];
  };
}

/** At most MOST_CALLEES of them. */
function largestCallees({ end, total }, node) {
  const callees = [];
  for (let child = node + 1; child < end[node]; child = end[child]) callees.push(child);
  if (callees.length <= MOST_CALLEES) return callees;
  const least = Float64Array.from(callees, (callee) => total[callee]).sort()[callees.length - MOST_CALLEES];
  const larger = callees.filter((callee) => total[callee] > least);
  return [...larger, ...callees.filter((callee) => total[callee] === least).slice(0, MOST_CALLEES - larger.length)];
}

/** What the tree itself lacks; asked for from left to right. */
class Cuts {
  #next = 0;
  /** Of the nodes that were asked about last: written here, because there are hundreds of thousands of questions. */
  value = 0;
  count = 0;

  constructor({ cutNode, cutValue, cutCount }) {
    Object.assign(this, { cutNode, cutValue, cutCount });
  }

  below(node, end) {
    const { cutNode, cutValue, cutCount } = this;
    this.value = this.count = 0;
    while (this.#next < cutNode.length && cutNode[this.#next] < node) this.#next++;
    for (; this.#next < cutNode.length && cutNode[this.#next] < end; this.#next++) {
      this.value += cutValue[this.#next];
      this.count += cutCount[this.#next];
    }
  }
}

class Picked {
  count = 0;

  constructor() {
    this.#allocate(FIRST_CAPACITY);
  }

  push(node, start) {
    if (this.count === this.place.length) this.#grow();
    this.place[this.count] = node;
    this.start[this.count] = start;
    return this.count++;
  }

  cut(entry, value, count) {
    this.cutValue[entry] += value;
    this.cutCount[entry] += count;
  }

  #allocate(capacity) {
    this.place = new Uint32Array(capacity);
    this.start = new Float64Array(capacity);
    this.cutValue = new Float64Array(capacity);
    this.cutCount = new Uint32Array(capacity);
  }

  #grow() {
    const { place, start, cutValue, cutCount } = this;
    this.#allocate(place.length * 2);
    this.place.set(place);
    this.start.set(start);
    this.cutValue.set(cutValue);
    this.cutCount.set(cutCount);
  }
}
