/**
 * Which frames somebody means, as short text that lives in URLs:
 *   `=name` exactly that name   `~regex` names that match   `@regex` modules that match   `%kind` frames of a kind
 */

import { KINDS } from "./colors.js";
import { printable } from "./labels.js";
import { compile } from "./search.js";

/** @param {string} name  @returns {string} the target of one function name */
export function named(name) {
  return `=${name}`;
}

/** @param {string} target  @returns {string} why it can't be used, or "" */
export function targetError(target) {
  const rest = target.slice(1);
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
  const means = test(target);
  const meant = new Uint8Array(frames.length);
  const root = tree.frame[0];
  for (let f = 0; f < frames.length; f++) {
    if (f !== root && means(strings[frames.name[f]], strings[frames.module[f]], frames.kind[f])) meant[f] = 1;
  }
  return meant;
}

function test(target) {
  const rest = target.slice(1);
  if (target[0] === "=") return (name) => name === rest;
  if (target[0] === "%") return (_, __, kind) => KINDS[kind]?.key === rest;
  const { regex } = compile(rest);
  return target[0] === "~" ? (name) => regex.test(name) : (_, module) => regex.test(module);
}

/** @param {string} target  @returns {string} for people */
export function describeTarget(target) {
  const rest = target.slice(1);
  if (target[0] === "=") return printable(rest);
  if (target[0] === "%") return `${KINDS.find(({ key }) => key === rest)?.legend ?? rest} frames`;
  return target[0] === "~" ? `/${printable(rest)}/` : `module /${printable(rest)}/`;
}
