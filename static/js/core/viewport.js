/**
 * Which part of the tree's values the graph's width shows: `{start, end}` in the profile's own unit, counted from
 * the left edge of the root. All functions are pure; the result always lies within 0..total.
 * @typedef {{start: number, end: number}} Viewport
 */

// Below this many units per graph nothing more can be told apart: half of a frame of value 1 still fills the width.
const MIN_SPAN = 0.5;
// Doubles carry 53 bits; closer in, neighbouring pixels would get the same value and the picture would stutter.
const MIN_SHARE = 2 ** -40;

/** @param {number} total  @returns {Viewport} */
export function whole(total) {
  return { start: 0, end: total };
}

/** @param {import("./tree.js").Tree} tree  @param {number} node  @returns {Viewport} exactly that frame */
export function ofNode(tree, node) {
  return { start: tree.start[node], end: tree.start[node] + tree.total[node] };
}

/** @param {Viewport} v  @param {number} total  @returns {Viewport} moved and shrunk to lie within 0..total */
export function clamp(v, total) {
  const span = Math.min(total, Math.max(v.end - v.start, MIN_SPAN, total * MIN_SHARE));
  const start = Math.min(Math.max(0, v.start), total - span);
  return { start, end: start + span };
}

/**
 * Zoom by a factor around a point that stays where it is.
 * @param {Viewport} v  @param {number} factor < 1 zooms in
 * @param {number} at 0..1, the point's place between left and right edge
 * @param {number} total  @returns {Viewport}
 */
export function zoomAt(v, factor, at, total) {
  const span = v.end - v.start;
  const smallest = Math.max(MIN_SPAN, total * MIN_SHARE);
  const next = Math.min(total, Math.max(span * factor, smallest));
  const fixed = v.start + at * span;
  return clamp({ start: fixed - at * next, end: fixed + (1 - at) * next }, total);
}

/** @param {Viewport} v  @param {number} share of the width to move right by  @param {number} total */
export function pan(v, share, total) {
  const by = (v.end - v.start) * share;
  return clamp({ start: v.start + by, end: v.end + by }, total);
}

/** @param {Viewport} a  @param {Viewport} b  @param {number} t 0..1  @returns {Viewport} between the two */
export function mix(a, b, t) {
  return { start: a.start + (b.start - a.start) * t, end: a.end + (b.end - a.end) * t };
}

/** @param {Viewport} outer  @param {Viewport} inner */
export function covers(outer, inner) {
  return outer.start <= inner.start && outer.end >= inner.end;
}

/**
 * The same view of a tree that has changed: the viewport keeps its place relative to the zoomed frame.
 * @param {Viewport} v  @param {Viewport} before the zoomed frame in the old tree
 * @param {Viewport} after the same frame in the new tree  @param {number} total of the new tree
 */
export function carry(v, before, after, total) {
  const scale = (after.end - after.start) / (before.end - before.start);
  const start = after.start + (v.start - before.start) * scale;
  return clamp({ start, end: start + (v.end - v.start) * scale }, total);
}
