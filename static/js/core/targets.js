/**
 * Which frames somebody means, as short text that lives in URLs:
 *   `=name` exactly that name   `~regex` names that match   `@regex` modules that match   `%kind` frames of a kind
 *   `:module` of a module as graphs are grouped by it   `/part` whose package begins with it (core/frame-groups.js)
 */

import { groupOf, packageOf } from "./frame-groups.js";
import { KINDS } from "./kinds.js";
import { printable } from "./labels.js";
import { compile, exactNameOf, exactly } from "./search.js";

/** What a frame is in. */
const IN_GROUP = new Map([
  [":", (tree, f) => groupOf(tree, f, "module")],
  ["/", (tree, f) => packageOf(tree, f)[0]],
]);

/** @param {string} name  @returns {string} the target of one function name */
export function named(name) {
  return `=${name}`;
}

/** @param {string} module  @returns {string} the target of all frames of one module */
export function inModule(module) {
  return `@${exactly(module)}`;
}

/** @param {string} target  @returns {string} why it can't be used, or "" */
export function targetError(target) {
  const rest = target.slice(1);
  if (IN_GROUP.has(target[0])) return rest === "" ? "nothing to look for" : "";
  if (target[0] === "=") return "";
  if (target[0] === "%") return KINDS.some(({ key }) => key === rest) ? "" : `“${rest}” is no kind of frame`;
  if (target[0] === "~" || target[0] === "@") return rest === "" ? "nothing to look for" : compile(rest).error;
  return `“${printable(target)}” does not say which frames`;
}

/**
 * @param {import("./tree.js").Tree} tree  @param {string} target one without a `targetError`
 * @returns {Uint8Array} 1 for each frame that is meant; never the root
 */
export function framesMeant(tree, target) {
  const { frames, strings } = tree;
  const means = test(target, tree);
  const meant = new Uint8Array(frames.length);
  const root = tree.frame[0];
  for (let f = 0; f < frames.length; f++) {
    if (f !== root && means(strings[frames.name[f]], strings[frames.module[f]], frames.kind[f], f)) meant[f] = 1;
  }
  return meant;
}

/** The module of the functions that are meant, "" when they are in several or in none. @param {import("./tree.js").Tree} tree  @param {string} target */
export function moduleOf(tree, target) {
  const meant = targetError(target) ? [] : framesMeant(tree, target);
  const modules = new Set();
  meant.forEach((means, f) => means && modules.add(tree.strings[tree.frames.module[f]]));
  return modules.size === 1 ? [...modules][0] : "";
}

function test(target, tree) {
  const rest = target.slice(1);
  if (IN_GROUP.has(target[0])) return (_, __, ___, f) => IN_GROUP.get(target[0])(tree, f) === rest;
  if (target[0] === "=") return (name) => name === rest;
  if (target[0] === "%") return (_, __, kind) => KINDS[kind]?.key === rest;
  const { regex } = compile(rest);
  return target[0] === "~" ? (name) => regex.test(name) : (_, module) => regex.test(module);
}

/** @param {string} target  @returns {string} for people */
export function describeTarget(target) {
  const rest = target.slice(1);
  if (target[0] === "=") return printable(rest);
  if (IN_GROUP.has(target[0])) return `${target[0] === ":" ? "module" : "package"} ${printable(rest)}`;
  if (target[0] === "%") return `${KINDS.find(({ key }) => key === rest)?.legend ?? rest} frames`;
  const exact = exactNameOf(rest);
  const what = exact === null ? `/${printable(rest)}/` : printable(exact);
  return target[0] === "~" ? what : `module ${what}`;
}
