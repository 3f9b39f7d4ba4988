/**
 * Steps taken on a profile, as text that lives in URLs:
 *   `focus<target>`   only below these frames          `subtree:<path>`  only one place and what it calls
 *   `hide<target>`    their value goes to the caller   `only<target>`    hide all others (but processes and threads)
 *   `drop<target>`    without stacks that have one     `keep<target>`    without stacks that have none
 *   `recursion`       a function that calls itself is one frame          `invert`  from the innermost frame to its callers
 * Targets: core/targets.js; paths: core/path.js.
 */

import { printable } from "./labels.js";
import { lastName } from "./path.js";
import { describeTarget } from "./targets.js";

export const SUBTREE = "subtree:";
/** A longer trail is a damaged link: nobody takes so many steps. */
const MAX_STEPS = 50;
const ON_TARGETS = {
  focus: "Only below",
  hide: "Without",
  only: "Only",
  drop: "Without stacks through",
  keep: "Only stacks through",
};
const PLAIN = { recursion: "Recursion collapsed", invert: "Inverted" };

/** @param {string} text  @returns {string[]} the steps of a URL's text, at most MAX_STEPS */
export function parseTrail(text) {
  return text === "" ? [] : text.split("\n").slice(0, MAX_STEPS).map((step) => step.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c)));
}

/** @param {string[]} steps  @returns {string} one line per step */
export function formatTrail(steps) {
  return steps.map((step) => step.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")).join("\n");
}

/** @param {string} step  @returns {{verb: string, target: string}} of a step about frames */
export function split(step) {
  const verb = /^[a-z]*/.exec(step)[0];
  return { verb, target: step.slice(verb.length) };
}

/** @param {string} step  @returns {string} for people */
export function describeStep(step) {
  if (step.startsWith(SUBTREE)) return `Only below one ${printable(lastName(step.slice(SUBTREE.length)))}`;
  if (step in PLAIN) return PLAIN[step];
  const { verb, target } = split(step);
  return verb in ON_TARGETS ? `${ON_TARGETS[verb]} ${describeTarget(target)}` : printable(step);
}
