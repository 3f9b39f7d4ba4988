/** What a bpftrace program said, as what can be drawn. Pure. Results are as core/bpftrace/results.py sends them. */

import { count, many } from "./format.js";

/** A chart of more lines can't be read. */
const MAX_SERIES = 8;

/** @param {number|null} low  @param {number|null} high  @returns {string} "[4, 8)", "< 0", "≥ 100" */
export function bucketLabel(low, high) {
  if (low === null) return `< ${count(high + 1)}`;
  if (high === null) return `≥ ${count(low)}`;
  return low === high ? count(low) : `${count(low)} – ${count(high)}`;
}

/**
 * What was printed several times, as lines over time. Rows are kept by key; a key that is missing in a print was 0.
 * @param {{shows: string, points: Array<{at_ms: number, rows: Array<[string, number]>}>}} map
 * @returns {Array<{key: string, values: Array<[number, number]>}>} the largest; empty for what is no series
 */
export function seriesOf(map) {
  if (map.shows !== "number" || map.points.length < 2) return [];
  const totals = new Map();
  for (const { rows } of map.points) for (const [key, value] of rows) totals.set(key, (totals.get(key) ?? 0) + value);
  const keys = [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, MAX_SERIES);
  return keys.map(([key]) => ({ key, values: map.points.map(({ at_ms, rows }) => [at_ms, rows.find(([each]) => each === key)?.[1] ?? 0]) }));
}

/** A histogram without keys that was printed several times. @returns {Array<{at: number, buckets: object[]}>} else empty */
export function printsOf(map) {
  if (map.shows !== "histogram" || map.keyed || map.points.length < 2) return [];
  return map.points.filter(({ rows }) => rows.length > 0).map(({ at_ms, rows }) => ({ at: at_ms, buckets: rows[0][1] }));
}

/** @param {{seen: number, over_rate: number, scrolled: number, lost: number, unreadable: number, too_long: number}} printed  @returns {string} */
export function feedWords(printed) {
  const parts = [many(printed.seen, "line")];
  if (printed.over_rate) parts.push(`${count(printed.over_rate)} of them not kept: more than 1 000 in a second`);
  if (printed.scrolled) parts.push(`${count(printed.scrolled)} scrolled away`);
  if (printed.lost) parts.push(`bpftrace lost ${count(printed.lost)} more in the kernel`);
  if (printed.unreadable) parts.push(`${count(printed.unreadable)} could not be read`);
  if (printed.too_long) parts.push(`${count(printed.too_long)} were too long`);
  return parts.join(" · ");
}

/** @param {number} ms since the program began  @returns {string} "3.25 s" */
export function offset(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** @param {string} state of profiler.core.channel.RunState  @returns {string} */
export function stateWord(state) {
  return state === "recording" ? "running" : state;
}

/** Maps in the order to read them: what a program only remembers things in comes last. */
export function inOrder(maps) {
  return [...maps].sort((a, b) => Number(a.helper) - Number(b.helper));
}
