/** The timeline's bars and brush as numbers. `series` is the API's answer (profiler/api/explore.py); no DOM. */

/** As many as one can tell apart; what is beyond is one named rest. */
export const TONES = 7;
export const REST = TONES;

/**
 * @typedef {object} Layer
 * @property {string} name "" for the rest  @property {number} tone index of its colour  @property {number[]} values by step
 * @property {number} total  @property {number} groups how many it stands for
 */

/** The largest groups, then the rest as one. Tones follow names, so that a group keeps its colour. @returns {Layer[]} */
export function layers(series) {
  const shown = series.groups.slice(0, TONES);
  const tones = distinctTones(shown);
  const found = shown.map((name, i) => layer(name, tones[i], series.values[i], 1));
  const others = series.groups.length - shown.length + series.rest.groups;
  if (others === 0) return found;
  const values = series.rest.values.slice();
  for (const row of series.values.slice(TONES)) row.forEach((value, step) => (values[step] += value));
  return [...found, layer("", REST, values, others)];
}

function layer(name, tone, values, groups) {
  return { name, tone, values, groups, total: values.reduce((sum, value) => sum + value, 0) };
}

function distinctTones(names) {
  const taken = new Set();
  return names.map((name) => {
    let tone = hash(name) % TONES;
    while (taken.has(tone)) tone = (tone + 1) % TONES;
    taken.add(tone);
    return tone;
  });
}

function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}

/** Sums by step. @param {Layer[]} all  @returns {number[]} */
export function sums(all) {
  return (all[0]?.values ?? []).map((_, step) => all.reduce((sum, { values }) => sum + values[step], 0));
}

/** The round number at or above the highest bar, for the axis. @param {number} highest */
export function ceiling(highest) {
  if (highest <= 0) return 1;
  const size = 10 ** Math.floor(Math.log10(highest));
  return size * [1, 1.5, 2, 3, 4, 5, 7.5, 10].find((factor) => factor * size >= highest);
}

/**
 * A brush is steps `from` to `to` (exclusive) of `count`; null is all of them.
 * @typedef {{from: number, to: number}|null} Brush
 */

/** @returns {Brush} between two steps in any order, both included */
export function between(a, b, count) {
  const clamp = (step) => Math.max(0, Math.min(count - 1, step));
  const [from, to] = [clamp(Math.min(a, b)), clamp(Math.max(a, b)) + 1];
  return from === 0 && to === count ? null : { from, to };
}

/** Move one edge by steps; edges never cross, and at least one step stays. @param {"from"|"to"} edge  @returns {Brush} */
export function moveEdge(brush, edge, by, count) {
  const { from, to } = brush ?? { from: 0, to: count };
  const moved = edge === "from" ? { from: Math.max(0, Math.min(to - 1, from + by)), to } : { from, to: Math.min(count, Math.max(from + 1, to + by)) };
  return moved.from === 0 && moved.to === count ? null : moved;
}

/** Move all of it, as far as there is room. @returns {Brush} */
export function shift(brush, by, count) {
  if (brush === null) return null;
  const step = Math.max(-brush.from, Math.min(count - brush.to, by));
  return { from: brush.from + step, to: brush.to + step };
}

/** The brush of a part of the time. @returns {Brush} */
export function brushOf(part, { begin_ms: begin, step_ms: step }, count) {
  if (part === null) return null;
  const from = Math.max(0, Math.floor((part.begin - begin) / step));
  const to = Math.min(count, Math.ceil((part.end - begin) / step));
  return to <= from || (from === 0 && to === count) ? null : { from, to };
}

/** @param {Brush} brush  @param {object} series  @param {{begin: number, end: number}} range  @returns {{begin: number, end: number}|null} */
export function partOf(brush, { begin_ms: begin, step_ms: step }, range) {
  if (brush === null) return null;
  return { begin: begin + brush.from * step, end: Math.min(range.end, begin + brush.to * step) };
}
