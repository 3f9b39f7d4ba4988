/** What a heat map says in words: where the cursor is, what is being selected, and what the whole picture shows. */

import { count, share } from "./format.js";
import { printable } from "./labels.js";
import { spanText } from "./spans.js";

/** @typedef {import("./heat-cells.js").HeatCells} HeatCells */

/**
 * @param {HeatCells} cells  @param {{column: number, row: number}|null} cursor
 * @param {import("./spans.js").Span[]|null} spans what would be selected now  @returns {string}
 */
export function heatWords(cells, cursor, spans) {
  if (cursor === null) return `Drag over a part of the time; Shift adds another one. A click takes a whole column${cells.byOffset ? "" : ", on a name its row"}.`;
  if (spans) return spans.length === 0 ? "The others have no row of their own" : `${placeText(spans)}: ${samples(spans.reduce((sum, span) => sum + cells.count(span), 0))}`;
  const { column, row } = cursor;
  const lane = cells.byOffset ? "" : `${printable(cells.names[row])}, `;
  return `${lane}${spanText(cells.spanOf(column, row))}: ${samples(cells.counts[row][column])}`;
}

/** Of all of a row. @param {HeatCells} cells  @param {number} row */
export function rowWords(cells, row) {
  return `${printable(cells.names[row])}: ${samples(cells.rowTotal(row))} in all`;
}

function placeText(spans) {
  return spans.length === 1 ? spanText(spans[0]) : `${spans.length} rows, ${spanText(spans[0]).split(", ").at(-1)}`;
}

/** For who does not see it: the strongest column, and how much each of the first rows has. @param {HeatCells} cells */
export function summaryOf(cells) {
  const totals = cells.counts.map((_, row) => cells.rowTotal(row));
  const all = totals.reduce((sum, one) => sum + one, 0);
  if (all === 0) return "No samples";
  const columns = Array.from({ length: cells.columns }, (_, column) => cells.counts.reduce((sum, row) => sum + row[column], 0));
  const most = columns.indexOf(Math.max(...columns));
  const rows = cells.byOffset ? "" : `; ${totals.map((total, row) => `${printable(cells.names[row])} ${share(total, all)}`).slice(0, MOST_ROWS).join(", ")}`;
  return `${samples(all)}, most at ${spanText(cells.columnSpan(most))} (${share(columns[most], all)})${rows}`;
}

/** More are read to the end by nobody; the cursor tells of each. */
const MOST_ROWS = 8;

function samples(number) {
  return number === 1 ? "1 sample" : `${count(number)} samples`;
}
