/**
 * Cells of a histogram's heat map: chosen buckets of a part of the time. No DOM.
 *
 * @typedef {{at: number, bucket: number}} Cell `at`: where its column begins, Unix ms
 * @typedef {{low: number, high: number, from: number, to: number}} Cells both buckets are in it; from ≤ time < to, Unix ms
 * @typedef {{from: number, to: number, low: number, high: number, stepMs: number}} Area what a chart shows, in the same words
 */

const NAMES = ["cells-at", "cells-buckets", "cells-row"];
/** Of an address, as the page has it for a row. */
const BETWEEN = " / ";

/** @param {Cell} one  @param {Cell} other  @param {number} stepMs  @returns {Cells} */
export function between(one, other, stepMs) {
  return {
    low: Math.min(one.bucket, other.bucket),
    high: Math.max(one.bucket, other.bucket),
    from: Math.min(one.at, other.at),
    to: Math.max(one.at, other.at) + stepMs,
  };
}

/** @param {number} x @param {number} y shares of the area, from its left and its top  @param {Area} area  @returns {Cell} the nearest one */
export function cellAt(x, y, { from, to, low, high, stepMs }) {
  const columns = Math.max(1, Math.round((to - from) / stepMs));
  const inside = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  return { at: from + inside(x, columns) * stepMs, bucket: high - inside(y, high - low + 1) };
}

/** Where cells are, as shares of the area; null when none of them is in it. @param {Cells} cells  @param {Area} area */
export function placeOf(cells, area) {
  const [from, to] = [Math.max(cells.from, area.from), Math.min(cells.to, area.to)];
  const [low, high] = [Math.max(cells.low, area.low), Math.min(cells.high, area.high)];
  if (from >= to || low > high) return null;
  const [width, height] = [area.to - area.from, area.high - area.low + 1];
  return { left: (from - area.from) / width, top: (area.high - high) / height, width: (to - from) / width, height: (high - low + 1) / height };
}

/** @param {Cell} cell  @param {string} key of the keyboard  @param {Area} area  @returns {Cell|null} null: the key moves nothing */
export function moved(cell, key, area) {
  const [columns, buckets] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], PageUp: [-10, 0], PageDown: [10, 0] }[key] ?? [0, 0];
  if (key === "Home") return { ...cell, at: area.from };
  if (key === "End") return { ...cell, at: area.to - area.stepMs };
  if (columns === 0 && buckets === 0) return null;
  const at = Math.min(area.to - area.stepMs, Math.max(area.from, cell.at + columns * area.stepMs));
  return { at, bucket: Math.min(area.high, Math.max(area.low, cell.bucket + buckets)) };
}

/** @param {string} search of an address  @returns {Cells|null} null: none, or what can't be read */
export function cellsOf(search) {
  const given = new URLSearchParams(search);
  const [from, to] = pair(given.get("cells-at"));
  const [low, high] = pair(given.get("cells-buckets"));
  return from < to && low <= high ? { low, high, from, to } : null;
}

function pair(text) {
  const found = /^(\d{1,16})-(\d{1,16})$/.exec(text ?? "");
  return found ? [Number(found[1]), Number(found[2])] : [NaN, NaN];
}

/** Puts them into an address, or takes them out of it. @param {URLSearchParams} params  @param {Cells|null} cells  @param {string[]|null} labels of a row */
export function writeCells(params, cells, labels) {
  for (const name of NAMES) params.delete(name);
  if (cells === null) return params;
  params.set("cells-at", `${Math.floor(cells.from)}-${Math.ceil(cells.to)}`);
  params.set("cells-buckets", `${cells.low}-${cells.high}`);
  if (labels !== null) params.set("cells-row", labels.join(BETWEEN));
  return params;
}
