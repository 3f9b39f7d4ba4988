/** The server's figure with what was counted in it; no DOM. */

import { count } from "./format.js";

/** Buckets below and above what was seen, so that the highest does not touch the edge. */
const MARGIN = 1;

/** @typedef {{text: string, grid: string, surface: string, bar: string, heat: string[], lines: string[]}} Ink the page's colours */

/**
 * @param {object} figure profiler/charts/histogram.py
 * @param {{at: number, counts: Float64Array}[]} columns
 * @param {import("./histogram.js").Buckets} buckets
 * @param {{percentiles: [string, number][], stepMs: number, range: (bucket: number) => string, clock: (at: number) => string, place?: (at: number) => string|number}} words
 * `place`: of a moment on the axis, which is the reader's clock if it is left out
 * @param {Ink} ink
 */
export function histogramFigure(figure, columns, buckets, words, ink) {
  const [low, high] = used(columns, buckets.count);
  const rows = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const x = columns.map(({ at }) => (words.place ?? local)(at + words.stepMs / 2));
  const [heat, ...lines] = figure.data;
  const data = [
    {
      ...heat,
      x,
      y: rows.map((bucket) => bucket + 0.5),
      z: rows.map((bucket) => columns.map(({ counts }) => (counts[bucket] > 0 ? Math.log2(counts[bucket] + 1) : null))),
      text: rows.map((bucket) => columns.map(({ at, counts }) => (counts[bucket] > 0 ? `${words.clock(at)} · ${words.range(bucket)} · ${count(counts[bucket])}` : ""))),
      zmin: 0,
      colorscale: ink.heat.map((color, i) => [i / (ink.heat.length - 1), color]),
      hoverlabel: { bgcolor: ink.surface, bordercolor: ink.grid, font: { color: ink.text } },
    },
    ...lines.map((line, i) => ({ ...line, x, y: columns.map(({ counts }) => place(counts, buckets, words.percentiles[i][1])), line: { ...line.line, color: ink.lines[i] } })),
  ];
  const yaxis = { ...figure.layout.yaxis, range: [low, high + 1] };
  const range = columns.length > 0 ? [local(columns[0].at), local(columns.at(-1).at + words.stepMs)] : undefined;
  return inked({ data, layout: { ...figure.layout, xaxis: { ...figure.layout.xaxis, range }, yaxis } }, ink);
}

/** In the page's colours. @param {{data: object[], layout: object}} figure  @param {Ink} ink */
export function inked({ data, layout }, ink) {
  const axis = { gridcolor: ink.grid, linecolor: ink.grid, zeroline: false };
  return {
    data,
    layout: {
      ...layout,
      paper_bgcolor: ink.surface,
      plot_bgcolor: ink.surface,
      font: { color: ink.text, family: "system-ui, sans-serif", size: 12 },
      hoverlabel: { bgcolor: ink.surface, bordercolor: ink.grid, font: { color: ink.text } },
      xaxis: { ...layout.xaxis, ...axis, showgrid: false },
      yaxis: { ...layout.yaxis, ...axis },
    },
  };
}

function place(counts, buckets, share) {
  const found = buckets.percentile(counts, share);
  return found && buckets.place(found.value);
}

function used(columns, count) {
  const taken = Array.from({ length: count }, (_, bucket) => bucket).filter((bucket) => columns.some(({ counts }) => counts[bucket] > 0));
  if (taken.length === 0) return [0, count - 1];
  return [Math.max(0, taken[0] - MARGIN), Math.min(count - 1, taken[taken.length - 1] + MARGIN)];
}

/** Plotly has no zones: the reader's clock, written out. */
function local(ms) {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 23);
}
