/**
 * The palettes: how a frame gets its fill. Most look only at a frame's name, kind or module, so the same function has the
 * same colour in every profile and stays put while one grows; `byNode` ones look at where it was called.
 */

import { diffFills } from "./diff-colors.js";
import { GREYS, GROUP_HUES, GROUP_STEPS, HUE_STEPS, STEPS, greyFills, groupFills, hueFills, kindFills } from "./fills.js";
import { groupOf, packageOf } from "./frame-groups.js";
import { KINDS, PLACEHOLDER } from "./kinds.js";
import { nameHash } from "./name-hash.js";
import { selfColors, selfFills } from "./self-colors.js";

const PROCESS = 0;
const GROUPS = GROUP_HUES * GROUP_STEPS;

/** Hues of the palettes that flamegraph.pl's users know; their colours mean nothing, but tell one picture from another. */
const RANGES = {
  hot: { hues: [26, 100], chroma: 0.15 },
  mem: { hues: [140, 172], chroma: 0.12 },
  io: { hues: [232, 276], chroma: 0.1 },
  wakeup: { hues: [184, 212], chroma: 0.09 },
  red: { hues: [12, 32], chroma: 0.13 },
  orange: { hues: [48, 68], chroma: 0.14 },
  yellow: { hues: [86, 106], chroma: 0.13 },
  green: { hues: [134, 154], chroma: 0.13 },
  aqua: { hues: [186, 206], chroma: 0.08 },
  blue: { hues: [246, 266], chroma: 0.1 },
  purple: { hues: [300, 322], chroma: 0.12 },
};

/** Kinds as flamegraph.pl colours mixed stacks: of the language, C++, the kernel, inlined, and the rest. */
const MIXED = {
  java: { green: ["java", "jit"], aqua: ["inlined"] },
  js: { green: ["javascript", "jit"], aqua: ["inlined", "python"] },
};
const MEANINGS = { java: { green: "Java, JIT" }, js: { green: "JavaScript, JIT" } };
const MIXED_RANGES = ["red", "yellow", "orange", "green", "aqua"];

/**
 * @typedef {object} PaletteKind
 * @property {string} text in the list of colours  @property {boolean} [classic]
 * @property {(ink: object, theme: string) => string[]} fills
 * @property {(fill: number) => number} middle the fill that stands for all of its sort
 * @property {[string, number][]} [legend] what fills mean
 * @property {(tree: import("./tree.js").Tree) => Uint8Array} colors fill of each frame, or of each node
 * @property {boolean} [byNode]
 */

/** @type {Object<string, PaletteKind>} */
export const PALETTES = {
  kind: {
    text: "by kind",
    fills: (ink) => KINDS.flatMap((_, kind) => kindFills(kind, ink)),
    middle: (i) => i - (i % STEPS) + (STEPS >> 1),
    colors: perFrame((name, kind) => kind * STEPS + (nameHash(name) % STEPS)),
  },
  module: grouped("by module", (tree, f) => groupOf(tree, f, "module"), (name) => nameHash(name)),
  package: grouped("by package", (tree, f) => packageOf(tree, f)[0] ?? "", (_, tree, f) => packageOf(tree, f).length - 1),
  process: { ...grouped("by label, as grouped", () => ""), colors: byProcess, byNode: true },
  self: { text: "by self share", fills: (_, theme) => selfFills(theme), middle: (i) => i, colors: selfColors, byNode: true },
  hot: ranged("hot"),
  java: mixed("java"),
  js: mixed("js"),
  ...Object.fromEntries(Object.keys(RANGES).filter((name) => name !== "hot").map((name) => [name, ranged(name)])),
};

/** Not chosen: what trees of two sides have. Its colours: core/diff-colors.js. */
export const DIFF = { fills: (_, theme) => diffFills(theme), middle: (i) => i };

export const COLORS = Object.keys(PALETTES);

/** The hue of a group. @param {string} name  @returns {number} its first fill */
export function groupFill(name) {
  return (nameHash(name) % GROUP_HUES) * GROUP_STEPS;
}

/** In a loop: `Uint8Array.from` with a function takes ten times as long, and the first picture waits for it. */
function perFrame(index) {
  return ({ frames: { length, name, kind }, strings }) => {
    const colors = new Uint8Array(length);
    for (let f = 0; f < length; f++) colors[f] = index(strings[name[f]], kind[f] < KINDS.length ? kind[f] : PLACEHOLDER);
    return colors;
  };
}

/** Hues by name; what stands for no code stays grey. */
function ranged(name) {
  return {
    text: name,
    classic: true,
    fills: (ink) => [...hueFills(ink, RANGES[name]), ...greyFills(ink)],
    middle: (i) => (i < HUE_STEPS ? HUE_STEPS >> 1 : i),
    colors: perFrame((text, kind) => grey(kind, HUE_STEPS) ?? nameHash(text) % HUE_STEPS),
  };
}

/** A process is coloured like the others in palettes that say nothing. */
function grey(kind, first) {
  const i = GREYS.indexOf(kind);
  return i < 0 || kind === PROCESS ? null : first + i;
}

function mixed(name) {
  const range = (text, kind) => {
    const { key } = KINDS[kind];
    if (key === "kernel") return "orange";
    const found = Object.entries(MIXED[name]).find(([, keys]) => keys.includes(key));
    return found ? found[0] : text.includes("::") ? "yellow" : "red";
  };
  const all = MIXED_RANGES.length * STEPS;
  return {
    text: name,
    classic: true,
    legend: Object.entries({ ...MEANINGS[name], yellow: "C++", orange: "kernel", aqua: name === "js" ? "inlined, Python" : "inlined", red: "other" }).map(([one, words]) => [words, MIXED_RANGES.indexOf(one) * STEPS]),
    fills: (ink) => [...MIXED_RANGES.flatMap((one) => hueFills(ink, RANGES[one]).filter((_, i) => i % (HUE_STEPS / STEPS) === 0)), ...greyFills(ink)],
    middle: (i) => (i < all ? i - (i % STEPS) + (STEPS >> 1) : i),
    colors: perFrame((text, kind) => grey(kind, all) ?? MIXED_RANGES.indexOf(range(text, kind)) * STEPS + (nameHash(text) % STEPS)),
  };
}

/** A hue for each group, and lightness within it. */
function grouped(text, groupOfFrame, step) {
  return {
    text,
    fills: (ink) => [...groupFills(ink), ...greyFills(ink)],
    middle: (i) => (i < GROUPS ? i - (i % GROUP_STEPS) + (GROUP_STEPS >> 1) : i),
    colors: (tree) => {
      const { frames, strings } = tree;
      return Uint8Array.from({ length: frames.length }, (_, f) => {
        const group = groupOfFrame(tree, f);
        if (group === "") return GROUPS + Math.max(0, GREYS.indexOf(frames.kind[f]));
        return groupFill(group) + (Math.max(0, step(strings[frames.name[f]], tree, f)) % GROUP_STEPS);
      });
    },
  };
}

/** Each stack has the hue of the process or thread that it is grouped under. */
function byProcess(tree) {
  const { frames, frame, parent, strings } = tree;
  const colors = new Uint8Array(tree.length).fill(GROUPS);
  const lighter = Uint8Array.from({ length: frames.length }, (_, f) => nameHash(strings[frames.name[f]]) % GROUP_STEPS);
  const hue = new Int16Array(tree.length).fill(-1);
  for (let node = 1; node < tree.length; node++) {
    const f = frame[node];
    hue[node] = frames.kind[f] === PROCESS ? groupFill(strings[frames.name[f]]) : hue[parent[node]];
    if (hue[node] >= 0) colors[node] = hue[node] + lighter[f];
  }
  colors[0] = GROUPS + 1;
  return colors;
}
