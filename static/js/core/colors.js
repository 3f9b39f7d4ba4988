/**
 * Colours of frames. A palette is a short list of fills (core/palettes.js); every fill carries its text at a contrast of at
 * least 4.5 (tests/js/colors.test.js), in both themes.
 */

import { STEPS, kindFills } from "./fills.js";
import { blend } from "./oklch.js";
import { DIFF, PALETTES } from "./palettes.js";
import { THEMES } from "./themes.js";

const ANCESTOR_OPACITY = 0.6;
const UNMATCHED_OPACITY = 0.35;

/**
 * @typedef {object} Palette
 * @property {string[]} fills  @property {string[]} ancestors the same at 60 %  @property {string[]} unmatched at 35 %
 * @property {number[]} middle for each fill, the one of its kind in the middle
 * @property {string} surface behind the frames
 * @property {string} text  @property {string} textDim module, file and line
 * @property {string} textAncestor  @property {string} textUnmatched
 * @property {string[]} marks outline of what matches each term of a search  @property {string} hatch of placeholders
 */

/** By theme and name: a picture asks several times, and each is some hundred colours. @type {Map<string, Palette>} */
const made = new Map();

/** @param {string} name one of COLORS, or "diff"  @param {"light"|"dark"} theme  @returns {Palette} the same each time */
export function palette(name, theme) {
  const key = `${theme} ${name}`;
  if (!made.has(key)) made.set(key, make(name, theme));
  return made.get(key);
}

function make(name, theme) {
  const ink = THEMES[theme];
  const { fills: fillsOf, middle } = PALETTES[name] ?? DIFF;
  const fills = fillsOf(ink, theme);
  return {
    fills,
    middle: fills.map((_, i) => middle(i)),
    ancestors: fills.map((fill) => blend(fill, ink.surface, ANCESTOR_OPACITY)),
    unmatched: fills.map((fill) => blend(fill, ink.surface, UNMATCHED_OPACITY)),
    surface: ink.surface,
    text: ink.text,
    textDim: ink.textDim,
    textAncestor: ink.textAncestor,
    textUnmatched: ink.textUnmatched,
    marks: ink.marks,
    hatch: ink.hatch,
  };
}

/** The fill of a kind as the legend shows it. @param {number} kind  @param {"light"|"dark"} theme */
export function swatch(kind, theme) {
  return kindFills(kind, THEMES[theme])[STEPS >> 1];
}

/**
 * @param {import("./tree.js").Tree} tree  @param {string} name one of COLORS
 * @returns {{colors: Uint8Array, byNode: boolean}} which of the palette's fills each frame has, or each node
 */
export function colorsOf(tree, name) {
  const { colors, byNode = false } = PALETTES[name];
  return { colors: colors(tree), byNode };
}
