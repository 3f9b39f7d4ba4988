/** What the page asks about a profile's tree: the same words in a worker and, for small trees, beside the page. */

import { addedTo } from "./added-frames.js";
import { chartAfter } from "./chart-steps.js";
import { csvOf, foldedOf } from "./export-text.js";
import { functionTable } from "./functions.js";
import { partOf } from "./part.js";
import { nodeOf, widestNamed } from "./path.js";
import { treeOf } from "./diff.js";
import { sandwich } from "./sandwich.js";
import { sandwichSides, transformSides, withSides } from "./sides.js";
import { compileAll } from "./search-terms.js";
import { match, matchingNodes } from "./search.js";
import { splitOf } from "./split.js";
import { formatTrail } from "./trail.js";
import { transform } from "./transforms.js";
import { reshape, shapeOf } from "./tree.js";

const OF_FRAMES = ["frame_name", "frame_module", "frame_file", "frame_kind", "frame_line"];

/** Its halves can be zoomed, but nothing more is asked for then: a width far beyond any screen's. */
const SANDWICH_PIXELS = 65_536;

/** @typedef {{node: number, start: number, end: number}} Found a node of the whole tree and its edges; node -1: there is none */

export class Answers {
  #base;
  #last = { trail: "", tree: null, taken: [] };
  #searched = { tree: null, query: "", matches: null, nodes: null };

  /**
   * @param {{header: object, columns: object}} message as `decode` gives it; all questions are about it
   * @param {object} [sides] how one with two sides is read (core/diff.js)
   */
  constructor(message, sides) {
    this.#base = treeOf(message, sides);
  }

  /** For a page that has a part only: all frames and strings, and the part over these. */
  open() {
    const columns = Object.fromEntries(OF_FRAMES.map((name) => [name, this.#base.columns[name].slice()]));
    return { strings: this.#base.strings, columns, shape: partOf(this.#base), nodes: this.#base.length };
  }

  /** @param {string[]} steps  @returns {{shape: import("./tree.js").Shape, taken: import("./transforms.js").Taken[]}} two sides: core/sides.js */
  transform(steps) {
    const { tree, taken, made } = this.#after(steps);
    return made ?? { shape: { ...partOf(tree), added: addedTo(tree) }, taken };
  }

  /** Of a flame chart: after these steps, with where each node begins. @param {string[]} steps  @returns {import("./tree.js").Shape} */
  chart(steps) {
    const tree = chartAfter(this.#base, steps);
    return { ...shapeOf(tree), start: tree.columns.start };
  }

  /** The tree after these steps, closer. @param {string[]} steps  @param {import("./part.js").Closer} closer */
  part(steps, closer) {
    return partOf(this.#after(steps).tree, closer);
  }

  /** @param {string[]} steps  @param {string} path core/path.js  @returns {Found} */
  place(steps, path) {
    const { tree } = this.#after(steps);
    return found(tree, nodeOf(tree, path));
  }

  /** The widest frame of a name. @param {string[]} steps  @param {string} name  @returns {Found} */
  widest(steps, name) {
    const { tree } = this.#after(steps);
    return found(tree, widestNamed(tree, name));
  }

  /** @param {string[]} steps  @param {string} query valid terms, one a line  @returns {{count: number, value: number, terms: {count: number, value: number}[]}} */
  count(steps, query) {
    const { count, value, terms } = this.#search(steps, query).matches;
    return { count, value, terms };
  }

  /** @param {string[]} steps  @param {string} query  @param {number} index the largest is 0  @returns {Found} */
  matchAt(steps, query, index) {
    const searched = this.#search(steps, query);
    searched.nodes ??= matchingNodes(searched.tree, searched.matches);
    return found(searched.tree, searched.nodes[index] ?? -1);
  }

  /** @param {string[]} steps  @returns {import("./functions.js").FunctionTable} of the tree after these steps */
  table(steps) {
    return functionTable(this.#after(steps).tree);
  }

  /** @param {string[]} steps  @returns {string} core/export-text.js */
  csv(steps) {
    const { tree } = this.#after(steps);
    return csvOf(tree, tree.diff ? null : functionTable(tree));
  }

  /** @param {string[]} steps  @returns {string} */
  folded(steps) {
    return foldedOf(this.#after(steps).tree);
  }

  /** @param {string[]} steps  @param {string} target  @returns {import("./sandwich.js").Sandwich} */
  sandwich(steps, target) {
    const { tree } = this.#after(steps);
    if (tree.diff) return sandwichSides(tree, target);
    const found = sandwich(tree, target);
    const part = (shape) => shape && partOf(reshape(tree, shape), {}, SANDWICH_PIXELS);
    return { ...found, callers: part(found.callers), callees: part(found.callees) };
  }

  /** @param {string[]} steps  @param {string} target  @returns {import("./split.js").Split} */
  split(steps, target) {
    return splitOf(this.#after(steps).tree, target);
  }

  #search(steps, query) {
    const { tree } = this.#after(steps);
    if (this.#searched.tree !== tree || this.#searched.query !== query) this.#searched = { tree, query, matches: match(tree, compileAll(query.split("\n")).regexes), nodes: null };
    return this.#searched;
  }

  /** The last tree is kept: its table and sandwich are asked for next. */
  #after(steps) {
    const trail = formatTrail(steps);
    if (this.#last.tree === null || this.#last.trail !== trail) this.#last = { trail, ...(this.#base.diff ? this.#sidesAfter(steps) : transform(this.#base, steps)) };
    return this.#last;
  }

  /** Two sides are shown whole. */
  #sidesAfter(steps) {
    const made = transformSides(this.#base, steps);
    return { tree: withSides(this.#base, made), taken: made.taken, made };
  }
}

/** Without making columns that only drawing needs. */
function found(tree, node) {
  if (node < 0) return { node, start: 0, end: 0 };
  let [start, at] = [0, 0];
  while (at !== node) {
    let child = at + 1;
    for (; tree.end[child] <= node; child = tree.end[child]) start += tree.total[child];
    at = child;
  }
  return { node, start, end: start + tree.total[node] };
}
