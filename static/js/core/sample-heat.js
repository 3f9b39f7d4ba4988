/** Which columns of a heat map of samples (profiler/api/explore.py) stand where on an axis of steps. */

import { iso } from "./explore-state.js";

const DAY = 86_400_000;
const ROWS = 25;
/** About as many columns as a screen has pixels for. */
const COLUMNS = 900;

/** Below /api/v1/explore/heatmap. @param {string} selector  @param {{begin: number, end: number}} range  @returns {string|null} null: that long nobody keeps times */
export function heatQuery(selector, { begin, end }) {
  if (end - begin > DAY) return null;
  const column = Math.max(1, Math.ceil((end - begin) / 1000 / COLUMNS)) * 1000;
  return new URLSearchParams({ since: iso(begin), until: iso(end), selector, rows: String(ROWS), column_ms: String(column) }).toString();
}

/** @param {object} answer  @param {{begin: number, step: number, steps: number}} axis  @returns {{counts: number[], left: number, right: number}[]} shares of the axis */
export function columnsOn({ start_ns: start, column_ns: length, counts }, { begin, step, steps }) {
  const place = (column) => (start / 1e6 + (column * length) / 1e6 - begin) / (step * steps);
  return counts
    .map((one, column) => ({ counts: one, left: Math.max(0, place(column)), right: Math.min(1, place(column + 1)) }))
    .filter(({ left, right }) => left < right);
}

/** Samples of the columns that begin within a step, or of the one that it lies in. @param {object} answer  @param {{begin: number, step: number}} axis  @param {number} step */
export function columnAt({ start_ns: start, column_ns: length, counts }, axis, step) {
  const at = (ms) => Math.floor(((ms - start / 1e6) * 1e6) / length);
  const first = at(axis.begin + step * axis.step);
  const last = Math.max(first, at(axis.begin + (step + 1) * axis.step - 1));
  return counts.slice(Math.max(0, first), Math.max(0, last + 1)).reduce((sum, column) => sum + column.reduce((a, b) => a + b, 0), 0);
}
