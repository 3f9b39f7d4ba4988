/** Pictures of series: stacked bars, a line over them, and sparklines. Units of x are steps, the sizes are CSS's. */

import { svg } from "./svg.js";

const HEIGHT = 1000;
const BAR = 0.92;

/** One path per layer: 180 bars of eight layers are eight elements. @param {import("../core/timeline.js").Layer[]} layers  @param {number} top of the axis */
export function stackedBars(layers, top) {
  const steps = layers[0]?.values.length ?? 0;
  const below = new Array(steps).fill(0);
  const paths = layers.map(({ tone, values }) => {
    let d = "";
    values.forEach((value, step) => {
      if (value === 0) return;
      const [low, high] = [y(below[step], top), y(below[step] + value, top)];
      below[step] += value;
      d += `M${step + (1 - BAR) / 2} ${low}V${high}h${BAR}V${low}z`;
    });
    return svg("path", { class: `tone-${tone}`, d });
  });
  return svg("svg", { viewBox: `0 0 ${Math.max(1, steps)} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...paths);
}

/** A line over the bars, in steps of its own. @param {{from: number, step: number, values: number[]}} line `from` and `step` in steps of the bars */
export function overlayLine({ from, step, values }, steps, top) {
  const points = values.map((value, i) => `${from + i * step} ${y(value / step, top)}H${from + (i + 1) * step}`);
  const d = points.length ? `M${points.join("V").replace(/V([\d.]+) ([\d.]+)H/g, "V$2H")}` : "";
  return svg(
    "svg",
    { class: "overlay", viewBox: `0 0 ${Math.max(1, steps)} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { class: "overlay-edge", d }),
    svg("path", { class: "overlay-line", d }),
  );
}

/** @param {number[]} values  @param {number} top */
export function sparkline(values, top) {
  const d = values.map((value, i) => (value ? `M${i} ${HEIGHT}V${y(value, top)}h1V${HEIGHT}z` : "")).join("");
  return svg("svg", { class: "sparkline", viewBox: `0 0 ${Math.max(1, values.length)} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d }));
}

function y(value, top) {
  return Math.round(HEIGHT * (1 - Math.min(1, value / top)));
}
