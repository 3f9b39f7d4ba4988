/** Steps, sandwich and call tree of two sides: each side's values are what the same steps make of that side alone. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Answers } from "../../static/js/core/answers.js";
import { CallRows } from "../../static/js/core/call-rows.js";
import { callOrder, nextCallSort, parseCallSort } from "../../static/js/core/call-order.js";
import { diffRows } from "../../static/js/core/diff-rows.js";
import { treeOf } from "../../static/js/core/diff.js";
import { splitOf } from "../../static/js/core/split.js";
import { sandwichSides, transformSides, withSides } from "../../static/js/core/sides.js";
import { transform } from "../../static/js/core/transforms.js";
import { decode } from "../../static/js/core/wire.js";
import { message as wireMessage } from "./messages.js";
import { randomSamples, stacks, treeOf as treeOfSamples } from "./stacks.js";

const STEPS = ["invert", "recursion", "hide=b", "only=a", "drop=c", "keep~^[ab]$", "focus=b", "collapse=a", "group:module", "subtree:a"];

/** @returns {{tree: Tree, message: object}} of samples of both sides */
function pair(base, other, sides = {}) {
  const zero = (samples) => samples.map(([path]) => [path, 0]);
  // All stacks are in both, so that both have the same nodes.
  const [a, b] = [treeOfSamples([...base, ...zero(other)]), treeOfSamples([...other, ...zero(base)])];
  const header = { ...b.header, base: { total: a.header.total, start_ns: 0, duration_ns: 1, period_ns: 1 }, functions: [] };
  const message = { header, columns: { ...b.columns, base_self: a.columns.self, base_cut_value: a.columns.cut_value } };
  return { tree: treeOf(message, sides), message };
}

const sideStacks = (tree, side) => {
  const found = {};
  for (let node = 0; node < tree.length; node++) {
    const path = tree.ancestry(node).slice(1).map((at) => tree.name(at)).join(";");
    if (tree.diff[side].self[node] > 0) found[path] = (found[path] ?? 0) + tree.diff[side].self[node];
  }
  return found;
};

for (const seed of [1, 2, 3]) {
  const [base, other] = [randomSamples(seed), randomSamples(seed + 100)];
  for (const step of STEPS) {
    test(`stacks ${seed}: ${step} does to each side what it does to it alone`, () => {
      const { tree } = pair(base, other);
      const made = withSides(tree, transformSides(tree, [step]));
      assert.deepEqual(sideStacks(made, "a"), stacks(transform(treeOfSamples(base), [step]).tree));
      assert.deepEqual(sideStacks(made, "b"), stacks(transform(treeOfSamples(other), [step]).tree));
    });
  }
}

test("steps follow each other, shares stay of everything, and what was dropped is told", () => {
  const { tree } = pair([[["a", "b"], 6], [["c"], 4]], [[["a", "b"], 2], [["c"], 8]]);
  const result = transformSides(tree, ["drop=c", "hide=a"]);
  const made = withSides(tree, result);
  assert.deepEqual([sideStacks(made, "a"), sideStacks(made, "b")], [{ b: 6 }, { b: 2 }]);
  assert.deepEqual([made.diff.a.sum, made.diff.b.sum], [10, 10]);
  assert.deepEqual(result.taken.map(({ step, error }) => [step, error]), [["drop=c", ""], ["hide=a", ""]]);
  assert.ok(result.taken[0].dropped > 0 && result.taken[1].dropped === 0);
  assert.ok(Math.abs(made.diff.of(0).by + 0.4) < 1e-12);
});

test("after steps the table by change is of what is left, the other way round when swapped", () => {
  const sides = [[[["a", "b"], 6], [["c"], 4]], [[["a", "b"], 2], [["c"], 8]]];
  for (const [swapped, self] of [[false, [6, 2]], [true, [2, 6]]]) {
    const { tree } = pair(...sides, { swapped });
    const row = diffRows(withSides(tree, transformSides(tree, ["drop=c"])).diff).find(({ name }) => name === "b");
    assert.deepEqual([row.self.a, row.self.b], self);
  }
});

test("a sandwich of two sides has both values above and below", () => {
  const { tree } = pair([[["x", "f", "g"], 3], [["y", "f"], 1]], [[["x", "f", "g"], 1], [["y", "f"], 4]]);
  const { callers, callees, places } = sandwichSides(tree, "=f");
  assert.equal(places, 2);
  const above = withSides(tree, callers);
  assert.deepEqual([sideStacks(above, "a"), sideStacks(above, "b")], [{ x: 3, y: 1 }, { x: 1, y: 4 }]);
  const below = withSides(tree, callees);
  assert.deepEqual([sideStacks(below, "a"), sideStacks(below, "b")], [{ "": 1, g: 3 }, { "": 4, g: 1 }]);
  assert.equal(sandwichSides(tree, "=nothing").callers, null);
});

test("questions about two sides are answered from the message, as the worker has it", () => {
  const { message } = pair([[["a"], 1]], [[["b"], 1]]);
  const { shape, sides, taken } = new Answers(message, { swapped: true }).transform(["drop=b"]);
  assert.deepEqual([shape.depth.length, [...sides[0].self], [...sides[1].self], taken.length], [2, [0, 0], [0, 1], 1]);
});

test("a call tree of two sides begins with the largest change, whichever its sign", () => {
  const { tree } = pair([[["big"], 50], [["less"], 30], [["more"], 5], [["same"], 15]], [[["big"], 52], [["less"], 10], [["more"], 23], [["same"], 15]]);
  const names = (sort) => new CallRows(tree, null, sort).rows.slice(1).map((node) => tree.name(node));
  assert.deepEqual(names(""), ["less", "more", "big", "same"]);
  assert.deepEqual(names("-total"), ["same", "big", "more", "less"]);
  assert.deepEqual(names("a"), ["big", "less", "same", "more"]);
  assert.deepEqual(names("name"), ["big", "less", "more", "same"]);
});

test("a call tree is listed in another order without closing what is open", () => {
  const tree = treeOfSamples([[["a", "x"], 5], [["b"], 3], [["b", "y"], 1]]);
  const calls = new CallRows(tree);
  const names = () => calls.rows.map((node) => tree.name(node));
  assert.deepEqual(names(), ["all", "a", "x", "b"]);
  calls.order("self");
  assert.deepEqual(names(), ["all", "b", "a", "x"]);
  assert.equal(callOrder(tree, "places")(1, 3) < 0, true);
  assert.deepEqual(parseCallSort("-name", false), { column: "name", reversed: true });
  assert.deepEqual([nextCallSort("", "total", false), nextCallSort("self", "self", false), nextCallSort("b", "b", true)], ["-total", "-self", "-b"]);
});

for (const swapped of [false, true]) {
  test(`where a function ran is what each side's own tree says of it, ${swapped ? "swapped" : "A before B"}, also after steps`, () => {
    for (let seed = 1; seed <= 10; seed++) {
      const samples = [randomSamples(seed), randomSamples(seed + 100)];
      const { tree } = pair(...samples, { swapped });
      const alone = (swapped ? samples.toReversed() : samples).map((one) => transform(treeOfSamples(one), ["hide=c"]).tree);
      const after = withSides(tree, transformSides(tree, ["hide=c"]));
      const { sides } = splitOf(after, "=b");
      for (const [i, side] of sides.entries()) {
        const { total, self } = splitOf(alone[i], "=b");
        assert.deepEqual([side.total, side.self], [total, self]);
        assert.equal(side.parts.reduce((sum, value) => sum + value, side.more), total);
      }
    }
  });
}

test("groups are named in the same order on both sides, and those beyond the largest are added up on each", () => {
  const process = (name, value) => `${name} 0\n  read ${value}`;
  const names = Array.from({ length: 8 }, (_, i) => `p${i}`);
  const message = decode(wireMessage(names.map((name, i) => process(name, 10 - i)).join("\n"), { kinds: Object.fromEntries(names.map((name) => [name, 0])) }));
  message.header.base = { total: 8, start_ns: 0, duration_ns: 1, period_ns: 1 };
  message.header.functions = [];
  message.columns.base_self = message.columns.self.map((value) => (value > 0 ? 1 : 0));
  message.columns.base_cut_value = new Float64Array(0);
  const split = splitOf(treeOf(message), "=read");
  assert.deepEqual(split.parts.map(([name]) => name), ["p0", "p1", "p2", "p3", "p4", "p5"]);
  assert.deepEqual(split.sides.map(({ parts, more }) => [parts, more]), [[[1, 1, 1, 1, 1, 1], 2], [[10, 9, 8, 7, 6, 5], 7]]);
  assert.deepEqual([split.others, split.places], [2, 8]);
});
