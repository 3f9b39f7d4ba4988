/** What the colours of a tree mean: its groups in a palette, the largest own value first, with the frames that each stands for. */

import { GROUP_STEPS, STEPS } from "./fills.js";
import { groupOf, packageOf } from "./frame-groups.js";
import { KINDS } from "./kinds.js";
import { groupFill } from "./palettes.js";
import { named } from "./targets.js";

/** More than these would be a table, and most hues would look alike. */
const MAX_ENTRIES = 8;
const PROCESS = 0;

/**
 * @typedef {object} LegendEntry
 * @property {string} text  @property {number} fill of the palette  @property {number} value own value of its frames
 * @property {string} target the frames (core/targets.js)  @property {boolean} whole it stands for whole stacks, not for frames
 */

const groupMiddle = (text) => groupFill(text) + (GROUP_STEPS >> 1);
const SORTS = {
  kind: {
    keyOf: ({ frames }, f) => KINDS[frames.kind[f]]?.key ?? "placeholder",
    entry: (key) => ({ text: KINDS.find((kind) => kind.key === key).legend, fill: KINDS.findIndex((kind) => kind.key === key) * STEPS + (STEPS >> 1), target: `%${key}` }),
  },
  module: { keyOf: (tree, f) => groupOf(tree, f, "module"), entry: (text) => ({ text, fill: groupMiddle(text), target: `:${text}` }) },
  package: { keyOf: (tree, f) => packageOf(tree, f)[0] ?? "", entry: (text) => ({ text, fill: groupMiddle(text), target: `/${text}` }) },
};

/**
 * @param {import("./tree.js").Tree} tree  @param {string} palette
 * @returns {{entries: LegendEntry[], more: number}|null} `more` groups have less value; null: the palette has no groups
 */
export function legendOf(tree, palette) {
  const all = palette === "process" ? processes(tree) : palette in SORTS ? ofFrames(tree, SORTS[palette]) : null;
  if (all === null) return null;
  all.sort((a, b) => b.value - a.value || (a.text < b.text ? -1 : 1));
  return { entries: all.slice(0, MAX_ENTRIES), more: Math.max(0, all.length - MAX_ENTRIES) };
}

/** Only frames that have a node: steps may have left some without. */
function ofFrames(tree, { keyOf, entry }) {
  const { frames, frame, self } = tree;
  const [value, there] = [new Float64Array(frames.length), new Uint8Array(frames.length)];
  for (let node = 1; node < tree.length; node++) {
    value[frame[node]] += self[node];
    there[frame[node]] = 1;
  }
  const sums = new Map();
  for (let f = 0; f < frames.length; f++) {
    if (there[f] === 0) continue;
    const key = keyOf(tree, f);
    sums.set(key, (sums.get(key) ?? 0) + value[f]);
  }
  return [...sums].filter(([key]) => key !== "").map(([key, sum]) => ({ ...entry(key), value: sum, whole: false })).filter(({ text }) => text);
}

/** The innermost of them that each stack is grouped under gives it its colour. */
function processes(tree) {
  const sums = new Map();
  const above = new Int32Array(tree.length).fill(-1);
  for (let node = 1; node < tree.length; node++) {
    above[node] = tree.frames.kind[tree.frame[node]] === PROCESS ? tree.frames.name[tree.frame[node]] : above[tree.parent[node]];
    if (above[node] >= 0) sums.set(above[node], (sums.get(above[node]) ?? 0) + tree.self[node]);
  }
  return [...sums].map(([name, value]) => [tree.strings[name], value]).map(([text, value]) => ({ text, fill: groupMiddle(text), value, target: named(text), whole: true }));
}
