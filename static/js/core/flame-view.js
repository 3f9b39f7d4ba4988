/**
 * What a flame graph shows and how it moves: tree, viewport, zoomed frame, selection, search. No DOM.
 *
 * Frames outlive trees as paths: when a live tree is replaced, zoom, trail, selection and search are carried over.
 */

import { deepestBelow, neighbour, nodeAt, widestChild } from "./layout.js";
import { nodeOf, pathOf } from "./path.js";
import { match, matchingNodes } from "./search.js";
import { compileAll } from "./search-terms.js";
import * as viewport from "./viewport.js";

export const NONE = -1;
const MAX_TRAIL = 200;
/** A frame that was too narrow to see is shown this much wider than just visible. */
const REVEAL_MARGIN = 4;

export class FlameView {
  tree = null;
  /** The zoomed frame: the viewport always lies within it. */
  focus = 0;
  selected = NONE;
  query = "";
  searchError = "";
  matches = null;
  #viewport = viewport.whole(0);
  #trail = [];
  #found = null;
  #foundAt = NONE;
  #deepest = { tree: null, focus: 0, depth: 0 };

  get viewport() {
    return this.#viewport;
  }

  get empty() {
    return this.tree === null || !(this.tree.total[0] > 0);
  }

  /** Where the zoomed frame is, as text for a URL. */
  get zoom() {
    return this.tree === null ? "" : pathOf(this.tree, this.focus);
  }

  /** Place among the matches, from 1; 0 when nobody stepped through them yet. */
  get matchNumber() {
    return this.#foundAt + 1;
  }

  /** Depth of the deepest row worth showing: one pass over the zoomed subtree, remembered. */
  get deepest() {
    if (this.tree === null) return 0;
    if (this.#deepest.tree !== this.tree || this.#deepest.focus !== this.focus) {
      this.#deepest = { tree: this.tree, focus: this.focus, depth: deepestBelow(this.tree, this.focus) };
    }
    return this.#deepest.depth;
  }

  /** @param {import("./tree.js").Tree} tree replaces the one before without moving what both have */
  setTree(tree) {
    const before = this.tree;
    this.tree = tree;
    if (before?.family === tree.family && tree.partial) return this.#setPart(before);
    if (before === null || !(before.total[0] > 0)) {
      this.#settle(0);
    } else {
      const kept = (node) => survivor(before, tree, node);
      const old = { frame: viewport.ofNode(before, this.focus), viewport: this.#viewport };
      this.focus = kept(this.focus);
      this.selected = this.selected === NONE ? NONE : nodeOf(tree, pathOf(before, this.selected));
      this.#viewport = viewport.carry(old.viewport, old.frame, viewport.ofNode(tree, this.focus), tree.total[0]);
    }
    this.search(this.query);
  }

  /** Another part of the same whole: the same places, other numbers. */
  #setPart(before) {
    const { tree } = this;
    this.focus = nearest(before, tree, this.focus);
    this.selected = this.selected === NONE ? NONE : tree.nodeOfPlace(before.place[this.selected]);
    if (this.matches === null) return;
    const { regexes } = compileAll(this.query.split("\n"));
    // The expressions were tried on the same names.
    const known = before.frames.name === tree.frames.name;
    this.matches = known ? { ...this.matches } : match(tree, regexes);
    this.#found = null;
  }

  /** @param {number} node  @param {{remember?: boolean}} [options] remember: `back` returns to where we were */
  zoomTo(node, { remember = true } = {}) {
    if (!(this.tree.total[node] > 0)) return;
    if (remember) this.#remember();
    this.#settle(node);
  }

  /** @param {string} path  @returns {boolean} whether the tree has that place; if not, the root is shown */
  zoomToPath(path) {
    const node = nodeOf(this.tree, path);
    const known = node !== NONE && this.tree.total[node] > 0;
    if (node === 0 || known) this.#settle(node);
    else this.#settle(0);
    return node === 0 || known;
  }

  /** One step back: the zoom before, else the root. @returns {boolean} whether anything changed */
  back() {
    const path = this.#trail.pop();
    if (path !== undefined) return this.zoomToPath(path);
    const whole = this.#viewport.end - this.#viewport.start === this.tree.total[0];
    this.#settle(0);
    return !whole;
  }

  /** @param {number} factor < 1 zooms in  @param {number} at 0..1 across the graph */
  zoomAt(factor, at) {
    this.#move(viewport.zoomAt(this.#viewport, factor, at, this.tree.total[0]));
  }

  /** @param {number} share of the graph's width */
  pan(share) {
    this.#move(viewport.pan(this.#viewport, share, this.tree.total[0]));
  }

  /** @param {import("./viewport.js").Viewport} range */
  moveTo(range) {
    this.#move(viewport.clamp(range, this.tree.total[0]));
  }

  /** @param {number} depth  @param {number} at 0..1 across the graph  @returns {number} node or NONE */
  nodeAt(depth, at) {
    if (this.empty) return NONE;
    const { start, end } = this.#viewport;
    return nodeAt(this.tree, depth, start + at * (end - start));
  }

  /** Move the selection. @param {"parent"|"child"|"left"|"right"} direction  @returns {number} what is selected now */
  moveSelection(direction) {
    const from = this.selected === NONE ? this.focus : this.selected;
    const next = this.selected === NONE ? from : this.#next(from, direction);
    if (next !== NONE) this.selected = next;
    return this.selected;
  }

  #next(from, direction) {
    if (direction === "parent") return from === 0 ? NONE : this.tree.parent[from];
    if (direction === "child") return widestChild(this.tree, from);
    return neighbour(this.tree, from, direction === "right" ? 1 : -1);
  }

  /** @param {string} query a regular expression on each line; an invalid one leaves the matches as they are and says why */
  search(query) {
    const { regexes, error } = compileAll(query.split("\n"));
    this.query = query;
    this.searchError = error;
    if (error) return;
    this.matches = regexes.length === 0 || this.tree === null ? null : match(this.tree, regexes);
    this.#found = null;
    this.#foundAt = NONE;
  }

  /** Select the next match, largest first. @param {1|-1} step  @returns {number} node or NONE */
  stepMatch(step) {
    if (!this.matches || this.matches.count === 0) return NONE;
    this.#found ??= matchingNodes(this.tree, this.matches);
    const count = this.#found.length;
    this.#foundAt = this.#foundAt === NONE ? (step > 0 ? 0 : count - 1) : (this.#foundAt + step + count) % count;
    this.selected = this.#found[this.#foundAt];
    return this.selected;
  }

  /** A match that somebody else has found. @param {number} node  @param {number} number from 1 */
  setMatch(node, number) {
    this.selected = node;
    this.#foundAt = number - 1;
  }

  /**
   * Bring a frame into the viewport if it is outside of it or too narrow to see.
   * @param {number} node  @param {number} minShare of the width that can be seen  @returns {boolean} whether the view moved
   */
  reveal(node, minShare) {
    const frame = viewport.ofNode(this.tree, node);
    const span = this.#viewport.end - this.#viewport.start;
    const outside = frame.start >= this.#viewport.end || frame.end <= this.#viewport.start;
    if (!outside && frame.end - frame.start >= span * minShare) return false;
    this.#remember();
    this.#settle(this.#widestFrameShowing(node, minShare * REVEAL_MARGIN));
    return true;
  }

  #widestFrameShowing(node, share) {
    const { parent, total } = this.tree;
    let around = node;
    while (around !== 0 && total[node] >= total[parent[around]] * share) around = parent[around];
    return around;
  }

  #remember() {
    this.#trail.push(this.zoom);
    if (this.#trail.length > MAX_TRAIL) this.#trail.shift();
  }

  #settle(node) {
    this.focus = node;
    this.#viewport = viewport.ofNode(this.tree, node);
  }

  /** Free movement keeps the zoomed frame as long as it fills the width, then lets go to whoever does. */
  #move(next) {
    this.#viewport = next;
    while (this.focus !== 0 && !viewport.covers(viewport.ofNode(this.tree, this.focus), next)) {
      this.focus = this.tree.parent[this.focus];
    }
  }
}

/** The same frame in another tree, or the nearest one above it that is still there. */
function survivor(before, after, node) {
  for (let at = node; at !== 0; at = before.parent[at]) {
    const found = nodeOf(after, pathOf(before, at));
    if (found !== NONE && after.total[found] > 0) return found;
  }
  return 0;
}

/** The same frame in another part of a tree, or the nearest one above it that is there. */
function nearest(before, after, node) {
  for (let at = node; at !== 0; at = before.parent[at]) {
    const found = after.nodeOfPlace(before.place[at]);
    if (found !== NONE) return found;
  }
  return 0;
}
