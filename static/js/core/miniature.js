/** The whole of a graph in a strip: how high its rows are, and where the part that is on screen lies in it. */

/** Strips are no higher than this; rows of deep graphs share pixels. */
export const MAX_PX = 56;
const ROW_PX = 3;

/** @param {number} depths rows of the graph  @returns {{height: number, row: number}} px of the strip and of one row (maybe less than one) */
export function stripOf(depths) {
  const row = Math.min(ROW_PX, MAX_PX / depths);
  return { height: Math.max(1, Math.ceil(depths * row)), row };
}

/** With more nodes some are too narrow to be seen. */
const MANY_NODES = 2000;

/**
 * Whether a strip says anything that the graph does not. It asks nothing of the zoom: a strip that comes with it would push
 * the graph away below the pointer.
 * @param {number} nodes  @param {number} depths  @param {number} shown rows on screen
 */
export function needed(nodes, depths, shown) {
  return depths > shown || nodes > MANY_NODES;
}

/**
 * The part that is on screen. @param {{start: number, end: number}} viewport  @param {number} total
 * @param {{first: number, shown: number, depths: number}} rows on screen: from depth `first` on, `shown` of them
 * @param {{width: number, height: number, row: number, upward: boolean}} strip  @returns {{x: number, y: number, width: number, height: number}} px
 */
export function frameOf(viewport, total, { first, shown, depths }, { width, height, row, upward }) {
  const x = (viewport.start / total) * width;
  const top = Math.min(first, depths) * row;
  const tall = Math.max(2, Math.min(shown, depths - first) * row);
  return { x, y: upward ? height - top - tall : top, width: Math.max(2, ((viewport.end - viewport.start) / total) * width), height: tall };
}
