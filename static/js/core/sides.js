/**
 * Steps and the sandwich of a tree with two sides. What is done to the picture of both is done to the values of each: which
 * nodes join, go or are cut is decided by the picture, so that all three have the same nodes (`decider`).
 */

import { functionSides } from "./functions.js";
import { sandwich } from "./sandwich.js";
import { transform } from "./transforms.js";
import { Tree, reshape, shapeOf } from "./tree.js";

/**
 * @typedef {object} SidesShape a shape (core/tree.js) of the picture, with the values of side A and B over its nodes
 * @property {import("./tree.js").Shape} shape
 * @property {{self: Float64Array, cut: Float64Array}[]} sides
 * @property {object[]} [functions] as in a message's header; those of the whole when left out
 */

/** @param {import("./tree.js").Tree} tree with two sides  @param {string[]} steps  @returns {SidesShape & {taken: import("./transforms.js").Taken[]}} */
export function transformSides(tree, steps) {
  let all = trees(tree);
  const taken = [];
  for (const step of steps) {
    const made = all.map((one) => transform(one, [step]));
    taken.push(...made[0].taken);
    all = decidedBy(made.map((one) => one.tree));
  }
  return { ...shaped(all), functions: functionSides(all), taken };
}

/** @param {import("./tree.js").Tree} tree with two sides, after its steps  @param {string} target core/targets.js */
export function sandwichSides(tree, target) {
  const [picture, ...values] = trees(tree).map((one) => sandwich(one, target));
  const half = (name) => picture[name] && { shape: picture[name], sides: values.map((one) => ({ self: one[name].self, cut: one[name].cut_value })) };
  return { ...picture, callers: half("callers"), callees: half("callees") };
}

/** @param {import("./tree.js").Tree} base with two sides  @param {SidesShape} made of it  @returns {import("./tree.js").Tree} also with two sides */
export function withSides(base, { shape, sides, functions = base.diff.functions }) {
  const tree = reshape(base, shape);
  tree.diff = base.diff.over(tree, sides, functions);
  return tree;
}

function shaped([picture, ...sides]) {
  return { shape: shapeOf(picture), sides: sides.map(({ self, cutValue }) => ({ self, cut: cutValue })) };
}

/** The picture, and each side as a tree of its own. */
function trees(tree) {
  return decidedBy([tree, sideTree(tree, tree.diff.a), sideTree(tree, tree.diff.b)]);
}

function sideTree(tree, { self, cut, total }) {
  return new Tree({ header: { ...tree.header, total: total[0] }, columns: { ...tree.columns, self, cut_value: cut } });
}

function decidedBy([picture, ...sides]) {
  for (const side of sides) side.decider = picture;
  return [picture, ...sides];
}
