/** The server's figures (profiler/charts/program.py) with what a bpftrace program said in them; no DOM. */

import { bucketLabel } from "./bpftrace.js";
import { count } from "./format.js";
import { histogramFigure, inked } from "./histogram-figure.js";
import { Buckets } from "./histogram.js";

const PERCENTILES = [["p50", 0.5], ["p90", 0.9], ["p99", 0.99]];
/** More names than this stand on each other. */
const MAX_TICKS = 12;

/** @typedef {[number|null, number|null, number]} Bucket least and highest value, null where it is open, and how many */

/** @param {object} figure  @param {Bucket[]} buckets  @param {import("./histogram-figure.js").Ink} ink */
export function barFigure(figure, buckets, ink) {
  const names = buckets.map(([low, high]) => bucketLabel(low, high));
  const text = buckets.map(([, , n], i) => `${names[i]} · ${count(n)}`);
  const trace = { ...figure.data[0], x: names, y: buckets.map(([, , n]) => n), text, marker: { color: ink.bar } };
  return inked({ data: [trace], layout: figure.layout }, ink);
}

/** @param {object} figure  @param {{key: string, values: [number, number][]}[]} lines with ms after the beginning  @param {import("./histogram-figure.js").Ink} ink */
export function lineFigure(figure, lines, ink) {
  const data = lines.map(({ key, values }, i) => {
    const like = figure.data[Math.floor(i / ink.lines.length) % figure.data.length];
    const line = { ...like.line, color: ink.lines[i % ink.lines.length] };
    return { ...like, name: key || "value", x: values.map(([at]) => at / 1000), y: values.map(([, value]) => value), line };
  });
  return inked({ data, layout: { ...figure.layout, showlegend: lines.some(({ key }) => key !== "") } }, ink);
}

/**
 * Several prints of one histogram. @param {object} figure
 * @param {{at: number, buckets: Bucket[]}[]} prints  @param {import("./histogram-figure.js").Ink} ink
 */
export function heatFigure(figure, prints, ink) {
  const all = bucketsOf(prints);
  const buckets = new Buckets(all.map(([low, high]) => low ?? high), isLinear(all));
  const columns = prints.map(({ at, buckets: some }) => ({ at, counts: countsOf(some, all) }));
  const words = { percentiles: PERCENTILES, stepMs: 0, range: (i) => bucketLabel(...all[i]), clock: seconds, place: (at) => at / 1000 };
  const made = histogramFigure(figure, columns, buckets, words, ink);
  const every = Math.max(1, Math.ceil(all.length / MAX_TICKS));
  const shown = all.map((_, i) => i).filter((i) => i % every === 0);
  const yaxis = { ...made.layout.yaxis, tickvals: shown.map((i) => i + 0.5), ticktext: shown.map((i) => bucketLabel(...all[i])) };
  return { ...made, layout: { ...made.layout, yaxis } };
}

/** Each bucket that was printed, once. */
function bucketsOf(prints) {
  const found = new Map(prints.flatMap(({ buckets }) => buckets.map(([low, high]) => [`${low} ${high}`, [low, high]])));
  return [...found.values()].sort((a, b) => (a[0] ?? -Infinity) - (b[0] ?? -Infinity));
}

function countsOf(buckets, all) {
  const counts = new Map(buckets.map(([low, high, n]) => [`${low} ${high}`, n]));
  return Float64Array.from(all, ([low, high]) => counts.get(`${low} ${high}`) ?? 0);
}

/** Of bpftrace's lhist buckets are equally wide; those of hist grow. */
function isLinear(all) {
  const widths = all.filter(([low, high]) => low !== null && high !== null).map(([low, high]) => high - low);
  return widths.every((width) => width === widths[0]);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}
