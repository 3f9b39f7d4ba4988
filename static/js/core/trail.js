/**
 * Steps taken on a profile, as text that lives in URLs:
 *   `focus<target>`   only below these frames          `subtree:<path>`  only one place and what it calls
 *   `hide<target>`    their value goes to the caller   `only<target>`    hide all others (but processes and threads)
 *   `drop<target>`    without stacks that have one     `keep<target>`    without stacks that have none
 *   `collapse<target>` with all they called as their own value           `merge<target>`  those of one module that follow each other are one frame
 *   `recursion`       a function that calls itself is one frame          `invert`  from the innermost frame to its callers
 *   `group:module`, `group:namespace`  as `merge`, for all frames
 * Targets: core/targets.js; paths: core/path.js.
 */

import { printable } from "./labels.js";
import { lastName } from "./path.js";
import { describeTarget } from "./targets.js";

export const SUBTREE = "subtree:";
/** A longer trail is a damaged link: nobody takes so many steps. */
const MAX_STEPS = 50;
const ON_TARGETS = {
  focus: (what) => `Only below ${what}`,
  hide: (what) => `Without ${what}`,
  only: (what) => `Only ${what}`,
  drop: (what) => `Without stacks through ${what}`,
  keep: (what) => `Only stacks through ${what}`,
  collapse: (what) => `Collapsed below ${what}`,
  merge: (what) => `Merged ${what}`,
};
const PLAIN = { recursion: "Recursion collapsed", invert: "Inverted", "group:module": "Grouped by module", "group:namespace": "Grouped by namespace" };

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
  return verb in ON_TARGETS ? ON_TARGETS[verb](describeTarget(target)) : printable(step);
}
