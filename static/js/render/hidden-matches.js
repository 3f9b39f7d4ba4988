/** Marks where frames match a search that are too narrow to be drawn: somebody who looks for them must see where to zoom. */

import { nodesOf } from "../core/search.js";

/** With more of them whatever is drawn is full of marks, and to look at each would take longer than the picture. */
const MAX_MARKED = 200_000;
const MIN_MARK_PX = 2;

/** Of the last search: many pictures are painted of one. */
let last = { matches: null, nodes: null };

/** @param {CanvasRenderingContext2D} context  @param {object} scene of render/flamegraph.js  @param {object} rows where its rows lie */
export function markHidden(context, { tree, matches, viewport, palette, ratio }, rows) {
  if (matches.count === 0 || matches.count > MAX_MARKED) return;
  if (last.matches !== matches) last = { matches, nodes: nodesOf(tree, matches) };
  const scale = rows.width / (viewport.end - viewport.start);
  const width = Math.round(MIN_MARK_PX * ratio);
  // From left to right in each row: a mark that overlaps the one before says nothing new.
  const marked = new Int32Array(tree.maxDepth + 1).fill(-width);
  for (const node of last.nodes) {
    const depth = tree.depth[node];
    if (depth < rows.firstDepth || depth > rows.lastDepth || !(tree.total[node] > 0)) continue;
    const from = (tree.start[node] - viewport.start) * scale;
    const drawn = Math.round(from + tree.total[node] * scale) > Math.round(from);
    const left = Math.min(Math.round(from), rows.width - width);
    if (drawn || from < 0 || from > rows.width || left < marked[depth] + width) continue;
    marked[depth] = left;
    context.fillStyle = palette.marks[matches.frames[tree.frame[node]] - 1];
    context.fillRect(left, rows.top(depth), width, rows.innerHeight);
  }
}
