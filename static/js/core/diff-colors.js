/**
 * Colours of changes: blue for less, orange for more, which nobody's eyes confuse; grey for what chance explains. Steps
 * are of share: a frame's colour says how much of everything it changed by, in both modes.
 */

import { oklch, toHex } from "./oklch.js";

/** Changes from here on, as shares, are one step stronger. */
export const BOUNDS = [0, 0.001, 0.003, 0.01, 0.03, 0.1];
const LEVELS = BOUNDS.length;
const LESS_HUE = 248;
const MORE_HUE = 58;
/** Lightness and chroma of the weakest and the strongest step; text on them keeps its contrast. */
const RANGE = {
  light: { lightness: [0.94, 0.76], chroma: [0.03, 0.13], same: 0.9 },
  dark: { lightness: [0.72, 0.7], chroma: [0.045, 0.14], same: 0.66 },
};

/** @param {"light"|"dark"} theme  @returns {string[]} strongest less … no change … strongest more */
export function diffFills(theme) {
  const { lightness, chroma, same } = RANGE[theme];
  const step = (hue, level) => {
    const t = (level - 1) / (LEVELS - 1);
    return toHex(oklch(lightness[0] + (lightness[1] - lightness[0]) * t, chroma[0] + (chroma[1] - chroma[0]) * t, hue));
  };
  const levels = Array.from({ length: LEVELS }, (_, i) => i + 1);
  return [...levels.map((level) => step(LESS_HUE, level)).reverse(), toHex(oklch(same, 0.004, 260)), ...levels.map((level) => step(MORE_HUE, level))];
}

/** @param {import("./diff.js").Diff} diff  @param {number} by  @param {boolean} beyond  @returns {number} index into the fills */
export function fillOf(diff, { by, beyond }) {
  if (!beyond) return LEVELS;
  const size = Math.abs(diff.size(by));
  const level = BOUNDS.filter((bound) => size >= bound).length;
  return by < 0 ? LEVELS - level : LEVELS + level;
}

/** Which fill each node (not frame) has. @param {import("./tree.js").Tree} tree with two sides  @returns {Uint8Array} */
export function colorNodes(tree) {
  return Uint8Array.from({ length: tree.length }, (_, node) => fillOf(tree.diff, tree.diff.of(node)));
}
