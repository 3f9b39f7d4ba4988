/** Colours by own value: how much of everything a frame took itself. Steps as those of changes, one hue for all. */

import { oklch, toHex } from "./oklch.js";

/** Own values from here on, as shares of everything, are one step stronger. */
export const SELF_BOUNDS = [0, 0.001, 0.003, 0.01, 0.03, 0.1];
const RANGE = {
  light: { lightness: [0.95, 0.77], chroma: [0.01, 0.15] },
  dark: { lightness: [0.735, 0.67], chroma: [0.008, 0.16] },
};
const [FROM_HUE, TO_HUE] = [90, 42];

/** @param {"light"|"dark"} theme  @returns {string[]} from none to the strongest */
export function selfFills(theme) {
  const { lightness, chroma } = RANGE[theme];
  const mix = ([from, to], t) => from + (to - from) * t;
  const steps = SELF_BOUNDS.length;
  return Array.from({ length: steps + 1 }, (_, i) => toHex(oklch(mix(lightness, i / steps), mix(chroma, i / steps), mix([FROM_HUE, TO_HUE], i / steps))));
}

/** @param {import("./tree.js").Tree} tree  @returns {Uint8Array} fill of each node */
export function selfColors({ self, whole, length }) {
  const bounds = SELF_BOUNDS.map((bound) => bound * whole);
  const colors = new Uint8Array(length);
  for (let node = 0; node < length; node++) {
    if (!(self[node] > 0)) continue;
    let step = 1;
    while (step < bounds.length && self[node] >= bounds[step]) step++;
    colors[node] = step;
  }
  return colors;
}
