/** Steps that people take on most profiles, and some that take several at once. Texts of core/trail.js. */

import { inModule } from "./targets.js";

/** Libraries of the C run time: what everything calls and nobody means. */
const LIBC = String.raw`@^(libc|libpthread|libm|libdl|librt|ld-linux[\w-]*|ld-musl[\w-]*)[-.]`;
/** What programs run on, not what they are: the C and C++ run times, interpreters and virtual machines. */
const RUN_TIMES = String.raw`@^((libc|libpthread|libm|libdl|librt|ld-linux[\w-]*|ld-musl[\w-]*|libstdc\+\+|libgcc_s|libpython[\d.]*|libjvm|libnode|libuv|libv8)[-.]|(python[\d.]*|java|node)$|\[vdso\])`;

/** @typedef {[string[], string]} Offer steps and what they are called */

/** @type {Offer[]} */
export const PRESETS = [
  [["hide%kernel"], "Hide the kernel"],
  [[`hide${LIBC}`], "Hide libc"],
  [["only%python"], "Python only"],
  [["only%java"], "Java only"],
  [["only%javascript"], "JavaScript only"],
  [["hide%kernel", `hide${RUN_TIMES}`], "Application only"],
];

/** @type {Offer[]} */
export const SHAPES = [
  [["recursion"], "Collapse recursion"],
  [["group:module"], "Group by module"],
  [["group:namespace"], "Group by namespace or package"],
  [["invert"], "Invert: innermost first"],
];

/** About what a search matches. @param {string} query  @returns {Offer[]} */
export function onMatches(query) {
  if (query === "") return [];
  return [
    [[`keep~${query}`], "Keep only stacks through matches"],
    [[`drop~${query}`], "Drop stacks through matches"],
    [[`hide~${query}`], "Hide matching frames"],
    [[`focus~${query}`], "Only below matches"],
    [[`collapse~${query}`], "Collapse below matches"],
  ];
}

/**
 * About one function. @param {string} target  @param {string} module it is in, "" for none
 * @param {string} path of one of its frames, "" for none  @returns {Offer[]}
 */
export function onFunction(target, module, path) {
  const offers = [[[`collapse${target}`], "Collapse below: what it called is its own"]];
  if (path !== "") offers.push([[`subtree:${path}`], "Only below this one frame"]);
  if (module === "") return offers;
  const all = inModule(module);
  return [...offers, [[`merge${all}`], `Merge module ${module} to one frame`], [[`hide${all}`], `Hide module ${module}`], [[`drop${all}`], `Drop stacks through module ${module}`]];
}
