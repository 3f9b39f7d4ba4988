/** What frames have in common: the module or the namespace they are in. What graphs are grouped and coloured by. */

import { KINDS, PLACEHOLDER } from "./kinds.js";
import { joinParts, namespaceParts, packageParts } from "./namespaces.js";

const kindOf = (wanted) => KINDS.findIndex(({ key }) => key === wanted);
const PYTHON = kindOf("python");
/** They stand for no code. */
const NO_CODE = new Set([kindOf("process"), kindOf("root"), PLACEHOLDER]);

export const GROUPINGS = ["module", "namespace"];

/**
 * @param {import("./tree.js").Tree} tree  @param {number} f frame  @returns {string[]} its package from the outermost part
 *   on; its module alone when its name tells of none; empty for what is in no known module
 */
export function packageOf({ frames, strings }, f) {
  if (NO_CODE.has(frames.kind[f])) return [];
  const module = strings[frames.module[f]];
  if (frames.kind[f] === PYTHON) return strings[frames.file[f]] === "" ? known(module) : packageParts(strings[frames.file[f]]);
  const parts = namespaceParts(strings[frames.name[f]]);
  return parts.length > 0 ? parts : known(module);
}

/** @param {import("./tree.js").Tree} tree  @param {number} f frame  @param {"module"|"namespace"} by  @returns {string} "" for none */
export function groupOf(tree, f, by) {
  const { frames, strings } = tree;
  const name = strings[frames.name[f]];
  if (by === "namespace") return joinParts(frames.kind[f] === PYTHON ? "" : name, packageOf(tree, f));
  // A Python function's module is what `import` calls it: half of all files are called `__init__.py`.
  return frames.kind[f] === PYTHON ? packageOf(tree, f).join(".") : NO_CODE.has(frames.kind[f]) ? "" : strings[frames.module[f]];
}

function known(module) {
  return module === "" ? [] : [module];
}
