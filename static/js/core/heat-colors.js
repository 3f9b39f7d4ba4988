/** Fills of a heat map: more is stronger, and stands further off the surface in both themes. */

import { LEVELS } from "./heat-cells.js";
import { oklch, toHex } from "./oklch.js";

/** Lines and letters over them: `--text`, `--accent` and `--bg` of tokens.css. */
export const HEAT_INK = {
  light: { text: "#171c23", accent: "#1f5fbf", surface: "#f4f6f8" },
  dark: { text: "#e6eaf0", accent: "#7fb0ff", surface: "#0f1216" },
};
const RANGE = {
  light: { empty: "#f1f3f6", lightness: [0.92, 0.46], chroma: [0.05, 0.19], hues: [85, 28] },
  dark: { empty: "#1b2027", lightness: [0.32, 0.86], chroma: [0.08, 0.14], hues: [30, 88] },
};

/** @param {"light"|"dark"} theme  @returns {string[]} of none, then of each level */
export function heatFills(theme) {
  const { empty, lightness, chroma, hues } = RANGE[theme];
  const mix = ([from, to], t) => from + (to - from) * t;
  const steps = Array.from({ length: LEVELS }, (_, i) => i / (LEVELS - 1));
  return [empty, ...steps.map((t) => toHex(oklch(mix(lightness, t), mix(chroma, t), mix(hues, t))))];
}
