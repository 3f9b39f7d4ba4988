/** Draws a heat map on a 2D canvas. Everything comes with the scene; sizes are device pixels. */

import { offsetMarks } from "../core/heat-axis.js";

const LABEL_PX = 11;

/**
 * @typedef {object} HeatScene
 * @property {import("../core/heat-cells.js").HeatCells} cells
 * @property {string[]} fills of each level  @property {string} text  @property {string} accent
 * @property {[number, number][]} chosen  @property {[number, number][]} base  @property {{column: number, row: number}|null} cursor
 * @property {number} width  @property {number} height  @property {number} gutter room of the rows' names  @property {number} ratio
 * @property {string} surface  @property {string} fontFamily
 */

/** @param {CanvasRenderingContext2D} context  @param {HeatScene} scene */
export function paintHeatMap(context, scene) {
  const { cells, width, height, surface } = scene;
  context.fillStyle = surface;
  context.fillRect(0, 0, width, height);
  if (cells.columns === 0) return;
  paintCells(context, scene);
  paintNames(context, scene);
  for (const span of scene.base) outline(context, scene, span, scene.text, [4 * scene.ratio, 3 * scene.ratio]);
  for (const span of scene.chosen) outline(context, scene, span, scene.accent, []);
  if (scene.cursor) paintCursor(context, scene);
}

/** Left edge of a column. */
export function columnX({ cells, width, gutter }, column) {
  return gutter + Math.round(((width - gutter) * column) / cells.columns);
}

/** Top edge of a row: by offset time grows upwards, lanes begin at the top. */
export function rowY({ cells, height }, row) {
  return Math.round((height * (cells.byOffset ? cells.rows - row - 1 : row)) / cells.rows);
}

/** The cell at a place within the picture, or null. */
export function cellAt({ cells, width, height, gutter }, x, y) {
  if (cells.columns === 0) return null;
  const clamp = (n, most) => Math.max(0, Math.min(most - 1, Math.floor(n)));
  const column = clamp(((x - gutter) / (width - gutter)) * cells.columns, cells.columns);
  const down = clamp((y / height) * cells.rows, cells.rows);
  return { column, row: cells.byOffset ? cells.rows - 1 - down : down };
}

function paintCells(context, scene) {
  const { cells, fills } = scene;
  const levels = Array.from(fills, () => []);
  cells.counts.forEach((counts, row) => counts.forEach((count, column) => levels[cells.levelOf(count)].push(column, row)));
  levels.forEach((places, level) => {
    context.fillStyle = fills[level];
    for (let i = 0; i < places.length; i += 2) {
      const [x, next] = [columnX(scene, places[i]), columnX(scene, places[i] + 1)];
      const y = rowY(scene, places[i + 1]);
      const below = cells.byOffset ? rowY(scene, places[i + 1] - 1) : rowY(scene, places[i + 1] + 1);
      // A gap between cells where there is room for one.
      context.fillRect(x, y, Math.max(1, next - x - (next - x > 3 ? 1 : 0)), Math.max(1, below - y - (below - y > 3 ? 1 : 0)));
    }
  });
}

function paintNames(context, scene) {
  const { cells, height, ratio, gutter } = scene;
  const row = height / cells.rows;
  context.fillStyle = scene.text;
  context.font = `${LABEL_PX * ratio}px ${scene.fontFamily}`;
  context.textAlign = "left";
  context.direction = "ltr";
  context.textBaseline = "middle";
  if (!cells.byOffset) cells.names.forEach((name, lane) => context.fillText(scene.shorten(name), 0, rowY(scene, lane) + row / 2, gutter - 4 * ratio));
  else for (const { at, text } of offsetMarks(cells.columnS)) paintOffset(context, scene, at / cells.columnS, text);
}

/** Beside the height it is about; the first and the last within the picture. */
function paintOffset(context, { height, gutter, ratio }, share, text) {
  context.textAlign = "right";
  context.textBaseline = share === 0 ? "bottom" : share === 1 ? "top" : "middle";
  context.fillText(text, gutter - 6 * ratio, height * (1 - share), gutter - 6 * ratio);
}

/** Around what a span covers: the edges of its cells that have no neighbour within it. */
function outline(context, scene, span, color, dash) {
  const covered = new Map(scene.cells.cover(span).map((part) => [part.column, part]));
  const inside = (column, row) => covered.has(column) && row >= covered.get(column).from && row < covered.get(column).to;
  context.beginPath();
  for (const { column, from, to } of covered.values()) {
    const [left, right] = [columnX(scene, column), columnX(scene, column + 1)];
    for (let row = from; row < to; row++) {
      const [top, bottom] = edges(scene, row);
      line(context, !inside(column - 1, row), left, top, left, bottom);
      line(context, !inside(column + 1, row), right, top, right, bottom);
      line(context, !inside(column, row + 1), left, scene.cells.byOffset ? top : bottom, right, scene.cells.byOffset ? top : bottom);
      line(context, !inside(column, row - 1), left, scene.cells.byOffset ? bottom : top, right, scene.cells.byOffset ? bottom : top);
    }
  }
  // A rim of the surface's colour, so that the line is seen on cells of any.
  for (const [ink, px, pattern] of [[scene.surface, 4, []], [color, 2, dash]]) {
    Object.assign(context, { strokeStyle: ink, lineWidth: px * scene.ratio });
    context.setLineDash(pattern);
    context.stroke();
  }
  context.setLineDash([]);
}

function edges(scene, row) {
  const top = rowY(scene, row);
  return [top, scene.cells.byOffset ? rowY(scene, row - 1) : rowY(scene, row + 1)];
}

function line(context, wanted, x1, y1, x2, y2) {
  if (!wanted) return;
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
}

function paintCursor(context, scene) {
  const { column, row } = scene.cursor;
  const [top, bottom] = edges(scene, row);
  const left = columnX(scene, column);
  context.strokeStyle = scene.text;
  context.lineWidth = scene.ratio;
  context.strokeRect(left - 0.5, top - 0.5, Math.max(3, columnX(scene, column + 1) - left), Math.max(3, bottom - top));
}
