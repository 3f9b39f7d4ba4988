/** Lists of fills that palettes are made of. Every one carries its text at a contrast of at least 4.5, in both themes. */

import { KINDS, PLACEHOLDER, ROOT } from "./kinds.js";
import { oklch, toHex } from "./oklch.js";

/** Steps of one kind: neighbours part by lightness, and hue where the kind has a range of them. */
export const STEPS = 12;
/** Steps of a range of hues. */
export const HUE_STEPS = 48;
/** Hues that groups are told apart by, and the steps of lightness of each. Neighbouring hues look alike: every other one is paler. */
export const GROUP_HUES = 48;
export const GROUP_STEPS = 5;
const GROUP_CHROMAS = [0.115, 0.055];
/** The greys behind the others: placeholders, the root, processes. */
export const GREYS = [PLACEHOLDER, ROOT, 0];

/** @param {number} kind  @param {object} ink a theme  @returns {string[]} STEPS fills */
export function kindFills(kind, ink) {
  const { key, hues, chroma, rise = 0 } = KINDS[kind];
  const [low, high] = key === "kernel" ? ink.kernel : ink.lightness;
  return Array.from({ length: STEPS }, (_, i) => {
    const t = i / (STEPS - 1);
    // 5 and 12 share no divisor: neighbouring hues get lightnesses far apart.
    const lightness = low + ((high - low - rise) * ((i * 5) % STEPS)) / (STEPS - 1) + rise * t;
    return toHex(oklch(lightness, chroma * ink.chromaScale, hueAt(hues, t)));
  });
}

/** From one hue to another. @param {object} ink  @param {{hues: [number, number], chroma: number}} range  @returns {string[]} HUE_STEPS fills */
export function hueFills(ink, { hues: [from, to], chroma }) {
  const [low, high] = ink.lightness;
  return Array.from({ length: HUE_STEPS }, (_, i) => {
    const t = i / (HUE_STEPS - 1);
    const lightness = low + (high - low) * (0.7 * t + (0.3 * ((i * 7) % HUE_STEPS)) / HUE_STEPS);
    return toHex(oklch(lightness, chroma * ink.chromaScale, from + (to - from) * t));
  });
}

/** GROUP_STEPS of each of GROUP_HUES, from dark to light. @param {object} ink  @returns {string[]} */
export function groupFills(ink) {
  const [low, high] = ink.lightness;
  return Array.from({ length: GROUP_HUES * GROUP_STEPS }, (_, i) => {
    const lightness = low + ((high - low) * (i % GROUP_STEPS)) / (GROUP_STEPS - 1);
    const group = Math.floor(i / GROUP_STEPS);
    return toHex(oklch(lightness, GROUP_CHROMAS[group % 2] * ink.chromaScale, (360 * group) / GROUP_HUES));
  });
}

/** What stands for no code. @param {object} ink  @returns {string[]} one fill of each of GREYS */
export function greyFills(ink) {
  return GREYS.map((kind) => kindFills(kind, ink)[0]);
}

/** The ranges end to end, as if they were one. */
function hueAt(hues, t) {
  const [from, to] = hues[Math.min(hues.length - 1, Math.floor(t * hues.length))];
  return from + (to - from) * (t * hues.length - Math.floor(Math.min(t, 0.999) * hues.length));
}
