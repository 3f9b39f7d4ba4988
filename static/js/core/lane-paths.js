/** What lanes are drawn with: paths in units of steps and thousandths of the height. A gap is a gap: nothing is drawn over it. */

import { ceiling } from "./timeline.js";

export const HEIGHT = 1000;

/** The top of a lane's axis. @param {{shape: string, unit?: string, least?: number, ceiling?: (data: object) => number}} lane  @param {import("./host-lanes.js").Part[]} parts  @param {object} data */
export function topOf(lane, parts, data) {
  if (lane.ceiling) return lane.ceiling(data) || 1;
  const highest = lane.shape === "stack" ? stacked(parts).at(-1)?.high : parts.flatMap(({ values }) => values);
  return roundAbove(Math.max(lane.least ?? 0, largest(highest ?? [])), lane.unit);
}

/** Bytes are told in binary multiples: so are the ends of their axes. */
function roundAbove(value, unit) {
  const size = unit?.startsWith("bytes") ? 1024 ** Math.max(0, Math.floor(Math.log2(value) / 10)) : 1;
  return size * ceiling(value / size);
}

function largest(values) {
  return values.reduce((most, value) => Math.max(most, value ?? 0), 0);
}

/**
 * The parts on each other; where one is not known, the stack is not.
 * @param {import("./host-lanes.js").Part[]} parts  @returns {{low: (number|null)[], high: (number|null)[]}[]}
 */
export function stacked(parts) {
  const steps = parts[0]?.values.length ?? 0;
  const known = Array.from({ length: steps }, (_, i) => parts.every(({ values }) => values[i] !== null));
  let low = known.map((yes) => (yes ? 0 : null));
  return parts.map(({ values }) => {
    const high = low.map((value, i) => (value === null ? null : value + values[i]));
    const layer = { low, high };
    low = high;
    return layer;
  });
}

/** Steps that follow each other without a gap. @param {(number|null)[]} values  @returns {[number, number][]} from, before which */
export function runs(values) {
  const found = [];
  let from = -1;
  values.forEach((value, i) => {
    if (value === null) from = -1;
    else if (from < 0) found.push([(from = i), i + 1]);
    else found[found.length - 1][1] = i + 1;
  });
  return found;
}

/** A line in steps. @param {(number|null)[]} values  @param {number} top  @returns {string} of a path's `d` */
export function linePath(values, top) {
  return runs(values).map(([from, to]) => `M${from} ${edge(values, from, to, top)}`).join("");
}

/** Between two lines. @param {{low: (number|null)[], high: (number|null)[]}} layer  @param {number} top  @returns {string} */
export function areaPath({ low, high }, top) {
  return runs(high).map(([from, to]) => `M${from} ${edge(high, from, to, top)}V${back(low, from, to, top)}z`).join("");
}

/** Along the steps, without the points between equal ones. */
function edge(values, from, to, top) {
  let at = y(values[from], top);
  let d = `${at}`;
  for (let i = from + 1; i < to; i++) {
    const next = y(values[i], top);
    if (next !== at) d += `H${i}V${next}`;
    at = next;
  }
  return `${d}H${to}`;
}

function back(values, from, to, top) {
  let at = y(values[to - 1], top);
  let d = `${at}`;
  for (let i = to - 2; i >= from; i--) {
    const next = y(values[i], top);
    if (next !== at) d += `H${i + 1}V${next}`;
    at = next;
  }
  return `${d}H${from}`;
}

function y(value, top) {
  return Math.round(HEIGHT * (1 - Math.max(0, Math.min(1, value / top))));
}
