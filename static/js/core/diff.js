/**
 * Two trees of the same nodes as one that can be drawn, and how much of each change chance explains: the formulas of
 * profiler/core/diff.py, which says what they mean. Golden files of both sides: tests/golden/diff.
 *
 * A frame is as wide as the mean of its sides, so what is new and what has vanished is in the same picture. *Relative*
 * compares shares of each side, *absolute* values as they are.
 */

import { Tree } from "./tree.js";
import { decode } from "./wire.js";

const NOISE_Z = 3;

/**
 * Any tree message. @param {ArrayBuffer} buffer
 * @param {{change?: "relative"|"absolute", swapped?: boolean}} [sides] how one with two sides is read
 * @returns {Tree} with its `message`, and `diff` (a Diff) when it has two sides  @throws {import("./wire.js").WireError}
 */
export function readAny(buffer, sides = {}) {
  return treeOf(decode(buffer), sides);
}

/** The same of a message that was read before. @param {{header: object, columns: object}} message  @param {object} sides */
export function treeOf(message, sides = {}) {
  const tree = message.header.base ? combined(message, sides) : new Tree(message);
  tree.message = message;
  return tree;
}

function combined({ header, columns }, { change = "relative", swapped = false }) {
  const base = { self: columns.base_self, cut: columns.base_cut_value, sum: header.base.total, period: header.base.period_ns, range: header.base, selection: header.base_selection, report: header.base_report };
  const other = { self: columns.self, cut: columns.cut_value, sum: header.total, period: header.period_ns, range: header.meta, selection: header.selection, report: header.report };
  const [a, b] = swapped ? [other, base] : [base, other];
  // Whole numbers that are in the ratio of the shares: a/A + b/B = (aB + bA) / AB.
  const [weightA, weightB] = change === "absolute" ? [1, 1] : [b.sum || 1, a.sum || 1];
  const mixed = (x, y) => Float64Array.from(x, (value, i) => value * weightA + y[i] * weightB);
  const tree = new Tree({
    header: { ...header, report: b.report ?? null, total: a.sum * weightA + b.sum * weightB },
    columns: { ...columns, self: mixed(a.self, b.self), cut_value: mixed(a.cut, b.cut) },
  });
  tree.diff = new Diff(tree, a, b, { change, swapped });
  return tree;
}

/** Side A is what was before, B what is looked at. */
export class Diff {
  constructor(tree, a, b, { change, swapped }) {
    this.change = change;
    this.swapped = swapped;
    this.unit = tree.unit;
    /** As values of A and B. */
    this.functions = swapped ? tree.header.functions.map(turned) : tree.header.functions;
    /** What `functions` lack: names that the server left out, places that it cut from a tree whose functions were counted here. */
    this.lacks = { names: tree.header.functions_left_out ?? 0, places: 0 };
    this.a = side(tree, a);
    this.b = side(tree, b);
  }

  /**
   * The same sides over other nodes (core/sides.js); shares stay those of everything. @param {Tree} tree
   * @param {{self: Float64Array, cut: Float64Array}[]} values of A and B  @param {object[]} functions of A and B
   */
  over(tree, [a, b], functions) {
    const counted = functions !== this.functions;
    const lacks = counted ? { names: 0, places: tree.cutCount.reduce((sum, n) => sum + n, 0) } : this.lacks;
    const made = { functions, lacks, a: { ...this.a, ...valuesOf(tree, a) }, b: { ...this.b, ...valuesOf(tree, b) } };
    return Object.assign(Object.create(Diff.prototype), this, made);
  }

  /** What scatters by chance: samples are counted one by one, and CPU time is samples times their period. */
  get counted() {
    return this.a.each > 0 && this.b.each > 0;
  }

  /** @param {number} node */
  of(node) {
    return this.between(this.a.total[node], this.b.total[node]);
  }

  /**
   * @param {number} a  @param {number} b values of both sides
   * @returns {{by: number, floor: number, beyond: boolean, isNew: boolean, gone: boolean}} `by` and `floor` as share of a side (relative) or values
   */
  between(a, b) {
    const by = this.change === "relative" ? b / (this.b.sum || 1) - a / (this.a.sum || 1) : b - a;
    const floor = floorOf(this, a, b);
    return { by, floor, beyond: by !== 0 && Math.abs(by) > floor, isNew: a === 0 && b > 0, gone: b === 0 && a > 0 };
  }

  /** A change as share of everything, to compare its size: of the larger side for absolute ones. @param {number} by */
  size(by) {
    return this.change === "relative" ? by : by / (Math.max(this.a.sum, this.b.sum) || 1);
  }
}

/** What chance explains of a change between two values. @param {Diff} diff */
function floorOf({ counted, change, a: sideA, b: sideB }, a, b) {
  if (!counted) return 0;
  const [eachA, eachB] = [sideA.each, sideB.each];
  if (change === "absolute") return NOISE_Z * Math.sqrt(a * eachA + b * eachB);
  if (!(sideA.sum > 0 && sideB.sum > 0)) return Infinity;
  const [countA, countB] = [sideA.sum / eachA, sideB.sum / eachB];
  // Rounding must not make it more than everything.
  const pooled = Math.min(1, (a / eachA + b / eachB) / (countA + countB));
  return NOISE_Z * Math.sqrt(pooled * (1 - pooled) * (1 / countA + 1 / countB));
}

function turned(one) {
  return { ...one, self: one.self.toReversed(), total: one.total.toReversed() };
}

/** `each`: what one sample stands for in values; 0 when they are no samples. */
function side(tree, { self, cut, sum, period, range, selection, report }) {
  const begin = range.start_ns / 1e6;
  const each = tree.unit === "samples" ? 1 : tree.unit === "nanoseconds" ? period || 0 : 0;
  return { ...valuesOf(tree, { self, cut }), sum, each, range: { begin, end: begin + range.duration_ns / 1e6 }, selection, report };
}

function valuesOf(tree, { self, cut }) {
  const total = Float64Array.from(self);
  for (let i = 0; i < cut.length; i++) total[tree.cutNode[i]] += cut[i];
  for (let node = tree.length - 1; node > 0; node--) total[tree.parent[node]] += total[node];
  return { self, cut, total };
}

/**
 * The table's rows: functions with both sides' own values and totals, the largest change first.
 * @param {Diff} diff  @param {"self"|"total"} column
 */
export function rows(diff, column) {
  const made = diff.functions.map((one) => {
    const [a, b] = one[column];
    return { ...one, a, b, ...diff.between(a, b) };
  });
  return made.filter(({ a, b }) => a > 0 || b > 0).sort((x, y) => Math.abs(y.by) - Math.abs(x.by) || x.name.localeCompare(y.name));
}
