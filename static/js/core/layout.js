/**
 * Which frames are on screen, and where. Works row by row on the tree's levels: each row costs at most one frame per
 * pixel and a binary search per gap, however many nodes the tree has.
 *
 * Edges are rounded to whole device pixels, so a frame is drawn exactly when it holds the centre of a pixel: rows have
 * no gaps and no overlaps, and frames (with the subtrees over them) too narrow for that are stepped over unseen.
 */

const FIRST_CAPACITY = 4096;
// A little less than the centre of a pixel: who might reach it is looked at, and rounding its edges decides.
const NEARLY_CENTRE = 0.4999;

/** Frames of one picture, as columns that are used again for the next. Coordinates in device pixels. */
export class Layout {
  constructor() {
    this.count = 0;
    this.#allocate(FIRST_CAPACITY);
  }

  /** @param {number} node  @param {number} left  @param {number} right */
  push(node, left, right) {
    if (this.count === this.node.length) this.#grow();
    const i = this.count++;
    this.node[i] = node;
    this.left[i] = left;
    this.right[i] = right;
  }

  #allocate(capacity) {
    this.node = new Uint32Array(capacity);
    this.left = new Int32Array(capacity);
    this.right = new Int32Array(capacity);
  }

  #grow() {
    const { node, left, right } = this;
    this.#allocate(node.length * 2);
    this.node.set(node);
    this.left.set(left);
    this.right.set(right);
  }
}

/**
 * @param {import("./tree.js").Tree} tree
 * @param {import("./viewport.js").Viewport} viewport
 * @param {number} width of the picture in device pixels
 * @param {number} firstDepth  @param {number} lastDepth inclusive; beyond the tree is fine
 * @param {Layout} out overwritten
 * @returns {Layout} out: top row first, each row left to right
 */
export function visibleFrames(tree, viewport, width, firstDepth, lastDepth, out) {
  out.count = 0;
  if (!(viewport.end > viewport.start) || !(tree.total[0] > 0)) return out;
  const last = Math.min(lastDepth, tree.maxDepth);
  for (let depth = Math.max(0, firstDepth); depth <= last; depth++) visibleRow(tree, viewport, width, depth, out);
  return out;
}

function visibleRow(tree, viewport, width, depth, out) {
  const { levels, start, total } = tree;
  const scale = width / (viewport.end - viewport.start);
  const rowEnd = tree.levelStart[depth + 1];
  let k = firstEndingAfter(tree, viewport.start, tree.levelStart[depth], rowEnd);
  while (k < rowEnd) {
    const node = levels[k];
    const from = (start[node] - viewport.start) * scale;
    if (from >= width) return;
    const left = Math.max(0, Math.round(from));
    const right = Math.min(width, Math.round(from + total[node] * scale));
    if (right > left) {
      out.push(node, left, right);
      k++;
    } else {
      // Too narrow for the centre of pixel `left`: the next candidate is whoever reaches it. Where most of the time is empty
      // nobody else would stand for it, and what happened would look as if it had not.
      if (tree.sparse && left < width) out.push(node, left, left + 1);
      k = gallop(tree, viewport.start + (left + (tree.sparse ? 1 : NEARLY_CENTRE)) / scale, k + 1, rowEnd);
    }
  }
}

/** First place ≥ k in the row whose node ends after `value`; near ones are found fastest. */
function gallop(tree, value, k, rowEnd) {
  let step = 1;
  let low = k;
  while (k < rowEnd && endOf(tree, k) <= value) {
    low = k + 1;
    k += step;
    step *= 2;
  }
  return firstEndingAfter(tree, value, low, Math.min(k, rowEnd));
}

function firstEndingAfter(tree, value, low, high) {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (endOf(tree, middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function endOf(tree, k) {
  const node = tree.levels[k];
  return tree.start[node] + tree.total[node];
}

/**
 * The node at a depth that holds a value, or -1.
 * @param {import("./tree.js").Tree} tree  @param {number} depth  @param {number} value
 */
export function nodeAt(tree, depth, value) {
  if (depth < 0 || depth > tree.maxDepth) return -1;
  const rowEnd = tree.levelStart[depth + 1];
  const k = firstEndingAfter(tree, value, tree.levelStart[depth], rowEnd);
  return k < rowEnd && tree.start[tree.levels[k]] <= value ? tree.levels[k] : -1;
}

/**
 * The neighbour in the same row, wider than nothing, or -1.
 * @param {import("./tree.js").Tree} tree  @param {number} node  @param {1|-1} step right or left
 */
export function neighbour(tree, node, step) {
  const { levelStart, levels } = tree;
  const first = levelStart[tree.depth[node]];
  const last = levelStart[tree.depth[node] + 1] - 1;
  for (let k = placeInRow(tree, node, first, last) + step; k >= first && k <= last; k += step) {
    if (tree.total[levels[k]] > 0) return levels[k];
  }
  return -1;
}

/** Depth-first numbers grow from left to right within a row. */
function placeInRow(tree, node, low, high) {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tree.levels[middle] < node) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The widest child, or -1. @param {import("./tree.js").Tree} tree  @param {number} node */
export function widestChild(tree, node) {
  let best = -1;
  for (let child = node + 1; child < tree.end[node]; child = tree.end[child]) {
    if (tree.total[child] > 0 && (best < 0 || tree.total[child] > tree.total[best])) best = child;
  }
  return best;
}

/** Depth of the deepest node of a subtree. @param {import("./tree.js").Tree} tree  @param {number} node */
export function deepestBelow(tree, node) {
  if (node === 0) return tree.maxDepth;
  let deepest = tree.depth[node];
  for (let i = node; i < tree.end[node]; i++) if (tree.depth[i] > deepest) deepest = tree.depth[i];
  return deepest;
}
