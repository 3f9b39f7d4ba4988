/** The server's figure of a distribution with what was counted in it; no DOM. */

import { count, share } from "./format.js";
import { sum } from "./histogram.js";

/** Buckets beside what was seen. */
const MARGIN = 1;

/**
 * @param {object} figure profiler/charts/histogram.py, distribution  @param {ArrayLike<number>} counts  @param {(bucket: number) => string} range of a bucket in words
 * @param {{text: string, grid: string, surface: string, bar: string}} ink
 */
export function distributionFigure(figure, counts, range, ink) {
  const taken = [...counts.keys()].filter((bucket) => counts[bucket] > 0);
  const low = Math.max(0, (taken[0] ?? 0) - MARGIN);
  const high = Math.min(counts.length, (taken.at(-1) ?? counts.length - 1) + 1 + MARGIN);
  const shown = Array.from({ length: high - low }, (_, i) => low + i);
  const whole = sum(counts);
  const [bars] = figure.data;
  const axis = { gridcolor: ink.grid, linecolor: ink.grid, zeroline: false };
  return {
    data: [{
      ...bars,
      x: shown.map((bucket) => bucket + 0.5),
      y: shown.map((bucket) => counts[bucket]),
      text: shown.map((bucket) => `${range(bucket)}: ${count(counts[bucket])}, ${share(counts[bucket], whole)}`),
      textposition: "none",
      marker: { color: ink.bar },
      hoverlabel: { bgcolor: ink.surface, bordercolor: ink.grid, font: { color: ink.text } },
    }],
    layout: {
      ...figure.layout,
      paper_bgcolor: ink.surface,
      plot_bgcolor: ink.surface,
      font: { color: ink.text, family: "system-ui, sans-serif", size: 12 },
      xaxis: { ...figure.layout.xaxis, ...axis, showgrid: false, range: [low, high] },
      yaxis: { ...figure.layout.yaxis, ...axis },
    },
  };
}
