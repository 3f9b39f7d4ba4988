/** A row of numbers as a small picture, and in words. */

import { spanText } from "./spans.js";

/**
 * Steps from the left to the right, as high as their share of the largest one; what is not nothing is at least a line.
 * @param {number[]} counts  @param {number} width  @param {number} height px
 * @returns {string} path data of the area, "" when all are 0
 */
export function sparkline(counts, width, height) {
  const most = Math.max(...counts, 0);
  if (most === 0) return "";
  const step = width / counts.length;
  const y = (count) => round(count === 0 ? height : Math.min(height - 1, height - (height * count) / most));
  return `M0 ${height}${counts.map((count, i) => `V${y(count)}H${round(step * (i + 1))}`).join("")}V${height}Z`;
}

/** @param {number[]} counts  @param {number} endS seconds that all of them cover  @returns {string} where most of it was */
export function peakText(counts, endS) {
  const most = Math.max(...counts, 0);
  if (most === 0) return "no sample with a time";
  const step = endS / counts.length;
  const at = counts.indexOf(most);
  return `most at ${spanText([at * step, (at + 1) * step].map((s) => Number(s.toPrecision(3))))}`;
}

function round(px) {
  return Number(px.toFixed(1));
}
