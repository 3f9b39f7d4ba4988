/**
 * Colours of frames. A palette is a short list of fills; which one a frame gets depends only on its kind and name, so
 * the same name has the same colour in every profile and stays put while one grows.
 * Every fill carries its text at a contrast of at least 4.5 (tests/js/colors.test.js), in both themes.
 */

import { diffFills } from "./diff-colors.js";
import { KINDS, PLACEHOLDER, ROOT } from "./kinds.js";
import { blend, oklch, toHex } from "./oklch.js";

/** Steps of one kind: neighbours part by lightness, and hue where the kind has a range of them. */
const STEPS = 12;
const HOT_STEPS = 48;
const ANCESTOR_OPACITY = 0.6;
const UNMATCHED_OPACITY = 0.35;

/** Surface, ink and lightness of each theme; the surfaces are tokens.css's `--surface`. */
const THEMES = {
  light: {
    surface: "#ffffff",
    text: "#14181e",
    textDim: "#3a4048",
    textAncestor: "#14181e",
    textUnmatched: "#4d5663",
    lightness: [0.76, 0.88],
    kernel: [0.755, 0.83],
    chromaScale: 1,
    marks: ["#7a1fa2", "#00695c", "#b3261e", "#1f4fa8", "#5d4300"],
    hatch: "rgb(20 24 30 / 20%)",
  },
  dark: {
    surface: "#161a20",
    text: "#0b0d11",
    textDim: "#1d2127",
    textAncestor: "#ffffff",
    textUnmatched: "#c3cbd6",
    lightness: [0.65, 0.735],
    kernel: [0.65, 0.72],
    chromaScale: 0.95,
    marks: ["#f0b8ff", "#7ff0d2", "#ffb3ab", "#a9ccff", "#ffe08a"],
    hatch: "rgb(10 12 16 / 28%)",
  },
};

/**
 * @typedef {object} Palette
 * @property {string[]} fills  @property {string[]} ancestors the same at 60 %  @property {string[]} unmatched at 35 %
 * @property {number[]} middle for each fill, the one of its kind in the middle
 * @property {string} surface behind the frames
 * @property {string} text  @property {string} textDim module, file and line
 * @property {string} textAncestor  @property {string} textUnmatched
 * @property {string[]} marks outline of what matches each term of a search  @property {string} hatch of placeholders
 */

/** The colour of a search's term. @param {number} term  @param {"light"|"dark"} theme */
export function markOf(term, theme) {
  return THEMES[theme].marks[term];
}

/** @param {"kind"|"hot"|"diff"} name  @param {"light"|"dark"} theme  @returns {Palette} */
export function palette(name, theme) {
  const ink = THEMES[theme];
  const [fills, middle] = FILLS[name](ink, theme);
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

/** Fills of each palette, and for one of them that of its kind in the middle. */
const FILLS = {
  kind: (ink) => [KINDS.flatMap((_, kind) => kindFills(kind, ink)), (i) => i - (i % STEPS) + (STEPS >> 1)],
  hot: (ink) => [hotFills(ink), (i) => (i < HOT_STEPS ? HOT_STEPS >> 1 : i)],
  diff: (_, theme) => [diffFills(theme), (i) => i],
};

/** The fill of a kind as the legend shows it. @param {number} kind  @param {"light"|"dark"} theme */
export function swatch(kind, theme) {
  return kindFills(kind, THEMES[theme])[STEPS >> 1];
}

/**
 * Which fill each frame (not node) has. @param {import("./tree.js").Tree} tree  @param {"kind"|"hot"} name
 * @returns {Uint8Array} indices into `fills`
 */
export function colorFrames(tree, name) {
  const { frames, strings } = tree;
  const colors = new Uint8Array(frames.length);
  for (let f = 0; f < frames.length; f++) colors[f] = colorIndex(name, strings[frames.name[f]], frames.kind[f]);
  return colors;
}

/** @param {"kind"|"hot"} palette  @param {string} name  @param {number} kind */
export function colorIndex(palette, name, kind) {
  const known = kind < KINDS.length ? kind : PLACEHOLDER;
  if (palette === "kind") return known * STEPS + (hash(name) % STEPS);
  // Hot says nothing about kinds; the root and placeholders stay grey, after the warm fills.
  if (known === ROOT) return HOT_STEPS + 1;
  return known === PLACEHOLDER ? HOT_STEPS : hash(name) % HOT_STEPS;
}

function kindFills(kind, ink) {
  const { key, hues, chroma, rise = 0 } = KINDS[kind];
  const [low, high] = key === "kernel" ? ink.kernel : ink.lightness;
  return Array.from({ length: STEPS }, (_, i) => {
    const t = i / (STEPS - 1);
    // 5 and 12 share no divisor: neighbouring hues get lightnesses far apart.
    const lightness = low + ((high - low - rise) * ((i * 5) % STEPS)) / (STEPS - 1) + rise * t;
    return toHex(oklch(lightness, chroma * ink.chromaScale, hueAt(hues, t)));
  });
}

/** The ranges end to end, as if they were one. */
function hueAt(hues, t) {
  const [from, to] = hues[Math.min(hues.length - 1, Math.floor(t * hues.length))];
  return from + (to - from) * (t * hues.length - Math.floor(Math.min(t, 0.999) * hues.length));
}

/** Red over orange to yellow, as the classic palette of flame graphs has it. */
function hotFills(ink) {
  const [low, high] = ink.lightness;
  const warm = Array.from({ length: HOT_STEPS }, (_, i) => {
    const t = i / (HOT_STEPS - 1);
    const lightness = low + (high - low) * (0.7 * t + (0.3 * ((i * 7) % HOT_STEPS)) / HOT_STEPS);
    return toHex(oklch(lightness, 0.15 * ink.chromaScale, 26 + 74 * t));
  });
  return [...warm, ...[PLACEHOLDER, ROOT].map((kind) => kindFills(kind, ink)[0])];
}

/** FNV-1a, then mixed so that its low bits may be used. */
function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}
