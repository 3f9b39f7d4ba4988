/** What a heat map says in words: where the cursor is, what is being selected, and what the whole picture shows. */

import { share } from "./format.js";
import { printable } from "./labels.js";

/** @typedef {import("./heat-cells.js").HeatCells} HeatCells */

/** More are read to the end by nobody; the cursor tells of each. */
const MOST_ROWS = 8;

/**
 * @param {HeatCells} cells  @param {{column: number, row: number}|null} cursor
 * @param {import("./spans.js").Span[]|null} spans what would be selected now  @returns {string}
 */
export function heatWords(cells, cursor, spans) {
  if (cursor === null) return cells.hint;
  if (spans) return spans.length === 0 ? "The others have no row of their own" : `${place(cells, spans)}: ${cells.amount(spans.reduce((sum, span) => sum + cells.count(span), 0))}`;
  const { column, row } = cursor;
  const lane = cells.byOffset ? "" : `${printable(cells.names[row])}, `;
  return `${lane}${cells.when(cells.spanOf(column, row))}: ${cells.amount(cells.counts[row][column])}`;
}

/** Of all of a row. @param {HeatCells} cells  @param {number} row */
export function rowWords(cells, row) {
  return `${printable(cells.names[row])}: ${cells.amount(cells.rowTotal(row))} in all`;
}

function place(cells, spans) {
  const [from, to] = spans[0];
  if (spans.length === 1) return cells.when(spans[0]);
  return to === Infinity ? `${spans.length} rows` : `${spans.length} rows, ${cells.when([from, to])}`;
}

/** For who does not see it: the strongest column, and how much each of the first rows has. @param {HeatCells} cells */
export function summaryOf(cells) {
  const totals = cells.counts.map((_, row) => cells.rowTotal(row));
  const all = totals.reduce((sum, one) => sum + one, 0);
  if (all === 0) return "No samples";
  const columns = Array.from({ length: cells.columns }, (_, column) => cells.counts.reduce((sum, row) => sum + row[column], 0));
  const most = columns.reduce((best, sum, column) => (sum > columns[best] ? column : best), 0);
  const rows = cells.byOffset ? "" : `; ${totals.map((total, row) => `${printable(cells.names[row])} ${share(total, all)}`).slice(0, MOST_ROWS).join(", ")}`;
  return `${cells.amount(all)}, most at ${cells.when(cells.columnSpan(most))} (${share(columns[most], all)})${rows}`;
}
