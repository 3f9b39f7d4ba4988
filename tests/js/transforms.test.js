/** Steps of a trail, against the same done to plain stacks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeStep, formatTrail, parseTrail } from "../../static/js/core/trail.js";
import { transform } from "../../static/js/core/transforms.js";
import { reshape, shapeOf } from "../../static/js/core/tree.js";
import { KERNEL, deepTree, tree } from "./messages.js";
import { randomSamples, stacks, treeOf } from "./stacks.js";

const sum = (values) => Object.values(values).reduce((a, b) => a + b, 0);
const merge = (samples) => {
  const result = {};
  for (const [path, value] of samples) result[path.join(";")] = (result[path.join(";")] ?? 0) + value;
  return result;
};
const withoutRepeats = (path) => path.filter((name, i) => name !== path[i - 1]);

/** What each step does to a stack; null: the stack is gone. */
const PLAIN = {
  "focus=b": (path) => (path.includes("b") ? path.slice(path.indexOf("b")) : null),
  "hide=b": (path) => path.filter((name) => name !== "b"),
  "hide~[bc]": (path) => path.filter((name) => name !== "b" && name !== "c"),
  "only=b": (path) => path.filter((name) => name === "b"),
  "drop=b": (path) => (path.includes("b") ? null : path),
  "keep=b": (path) => (path.includes("b") ? path : null),
  "collapse=b": (path) => (path.includes("b") ? path.slice(0, path.indexOf("b") + 1) : path),
  recursion: withoutRepeats,
  invert: (path) => path.toReversed(),
};

for (const [step, plain] of Object.entries(PLAIN)) {
  test(`${step} does to a tree what it does to each stack, and the bar tells the rest`, () => {
    for (let seed = 1; seed <= 30; seed++) {
      const samples = randomSamples(seed);
      const before = treeOf(samples);
      const { tree: after, taken } = transform(before, [step]);
      assert.deepEqual(stacks(after), merge(samples.map(([path, value]) => [plain(path), value]).filter(([path]) => path !== null)));
      assert.equal(after.total[0] + taken[0].dropped, before.total[0]);
      assert.equal(taken[0].error, "");
    }
  });
}

test("thousands of stacks are turned round like one by one, siblings by name", () => {
  const samples = randomSamples(5, 3000);
  const { tree: after } = transform(treeOf(samples), ["invert"]);
  assert.deepEqual(stacks(after), merge(samples.map(([path, value]) => [path.toReversed(), value])));
  for (let node = 1; node < after.length; node++) {
    const sibling = after.end[node];
    if (after.depth[sibling] === after.depth[node]) assert.ok(after.name(node) < after.name(sibling));
  }
});

test("callers too small to be seen are counted as cut, and a stack that ends there is whole", () => {
  const { tree: after } = transform(tree("alone 1\nbig 1000000\ncaller 0\n  between 0\n    tiny 1"), ["invert"]);
  assert.deepEqual(stacks(after), { alone: 1, big: 1_000_000 });
  assert.deepEqual([...after.cutNode].map((node, i) => [after.name(node), after.cutValue[i], after.cutCount[i]]), [["tiny", 1, 1]]);
});

test("steps follow each other, and what all of them dropped adds up", () => {
  const before = treeOf(randomSamples(7));
  const { tree: after, taken } = transform(before, ["drop=d", "hide=a", "recursion", "invert", "keep=c"]);
  assert.equal(after.total[0] + sum(taken.map(({ dropped }) => dropped)), before.total[0]);
  assert.equal(after.whole, before.total[0]);
  assert.deepEqual(Object.keys(stacks(after)).filter((path) => /[ad]|(.);\1/.test(path)), []);
});

test("siblings are in the order of their names, whatever was hidden above them", () => {
  const { tree: after } = transform(tree("a 0\n  z 1\nb 0\n  m 1\nc 0\n  k 1"), ["hide~^[abc]$"]);
  assert.deepEqual([...Array(after.length).keys()].map((node) => after.name(node)), ["all", "k", "m", "z"]);
});

test("one place is its subtree, not the others of its name", () => {
  const { tree: after } = transform(tree("a 0\n  x 1\n    y 2\nb 0\n  x 4"), ["subtree:a;x"]);
  assert.deepEqual(stacks(after), { x: 1, "x;y": 2 });
});

test("kinds and modules can be hidden, and processes stay where only one kind is wanted", () => {
  const sample = tree("web 0\n  main 1\n    vfs 2\n      memcpy 4", { kinds: { web: 0, vfs: KERNEL }, modules: { memcpy: "libc.so.6" } });
  assert.deepEqual(stacks(transform(sample, ["hide%kernel"]).tree), { "web;main": 3, "web;main;memcpy": 4 });
  assert.deepEqual(stacks(transform(sample, ["hide@^libc"]).tree), { "web;main": 1, "web;main;vfs": 6 });
  assert.deepEqual(stacks(transform(sample, ["only%kernel"]).tree), { web: 1, "web;vfs": 6 });
});

test("frames of a module that follow each other are one frame, and nothing is lost", () => {
  const modules = { a: "app", b: "libc.so.6", c: "libc.so.6", d: "app" };
  const wanted = { "group:module": /./, "merge@^libc": /^libc/, "merge=b": /^libc/ };
  for (const [step, which] of Object.entries(wanted)) {
    const means = (name) => which.test(modules[name]) && (step !== "merge=b" || name === "b");
    const grouped = (path) => path.map((name) => (means(name) ? modules[name] : name)).filter((name, i, all) => name in modules || name !== all[i - 1]);
    for (let seed = 1; seed <= 30; seed++) {
      const samples = randomSamples(seed);
      const { tree: after, taken } = transform(treeOf(samples, { modules }), [step]);
      assert.deepEqual(stacks(after), merge(samples.map(([path, value]) => [grouped(path), value])));
      assert.deepEqual([taken[0].dropped, taken[0].error], [0, ""]);
    }
  }
});

test("by namespace a tree has one frame for neighbours of one, and steps after it know the new frames", () => {
  const sample = tree("web 0\n  main 1\n    std::sort<int>(int*) 0\n      std::swap(int&) 4\n        memcpy 2", { kinds: { web: 0 }, modules: { main: "web", memcpy: "libc.so.6" } });
  const { tree: after } = transform(sample, ["group:namespace"]);
  assert.deepEqual(stacks(after), { "web;web": 1, "web;web;std": 4, "web;web;std;libc.so.6": 2 });
  const further = transform(sample, ["group:namespace", "drop=libc.so.6", "group:module", "invert", "hide=std"]);
  assert.deepEqual(further.taken.map(({ dropped, error }) => [dropped, error]), [[0, ""], [2, ""], [0, ""], [0, ""], [0, ""]]);
  assert.deepEqual(stacks(further.tree), { "web;web": 5 });
});

test("frames that steps added travel from a worker as columns", () => {
  const before = treeOf(randomSamples(3), { modules: { a: "app", b: "libc.so.6", c: "libc.so.6", d: "app" } });
  const { tree: after } = transform(before, ["group:module", "drop=app", "group:module"]);
  const again = reshape(before, structuredClone(shapeOf(after)));
  assert.deepEqual(stacks(again), stacks(after));
  assert.deepEqual(again.frameOf(again.length - 1), after.frameOf(after.length - 1));
});

test("what the server cut below a collapsed function is its own value", () => {
  const cut = tree("a 1\n  b 2\nc 3", { cuts: [[2, 10, 4]] });
  const { tree: after } = transform(cut, ["collapse=a"]);
  assert.deepEqual([stacks(after), after.cutNode.length], [{ a: 13, c: 3 }, 0]);
});

test("what the server cut goes with its node", () => {
  const cut = tree("a 1\n  b 2\nc 3", { cuts: [[2, 10, 4]] });
  const told = ({ tree: after, taken: [{ dropped }] }) => [after.total[0], dropped, [...after.cutNode].map((node) => after.name(node))];
  assert.deepEqual(told(transform(cut, ["hide=b"])), [16, 0, ["a"]]);
  assert.deepEqual(told(transform(cut, ["drop=b"])), [4, 12, []]);
  assert.deepEqual(told(transform(cut, ["invert"])), [16, 0, ["all"]]);
});

test("a step that can't be taken is skipped and says why", () => {
  const before = tree("a 1");
  const steps = ["hide=gone", "drop~(", "hide%martian", "subtree:x;y", "fly=a", "focus"];
  const { tree: after, taken } = transform(before, steps);
  assert.equal(after, before);
  assert.ok(taken.every(({ error, dropped }) => error !== "" && dropped === 0));
});

test("everything may be gone", () => {
  const { tree: after, taken } = transform(tree("a 1\n  b 2"), ["drop=a"]);
  assert.deepEqual([after.length, after.total[0], taken[0].dropped], [1, 0, 3]);
});

test("a stack of ten thousand frames and a caller of a hundred thousand are ordinary", () => {
  const deep = deepTree(10_000);
  assert.equal(transform(deep, ["invert"]).tree.maxDepth, 10_000);
  assert.equal(transform(deep, ["hide=f3"]).tree.total[0], 2);
  const wide = treeOf(Array.from({ length: 100_000 }, (_, i) => [["main", `f${i}`], 1]));
  assert.equal(transform(wide, ["hide=main"]).tree.length, 100_001);
});

test("values of nothing and of 2^63 keep their sum", () => {
  const huge = treeOf([[["a", "b"], 2 ** 62], [["a", "c"], 2 ** 62], [["z"], 0]], { self: "f64" });
  assert.equal(transform(huge, ["hide=b"]).tree.total[0], 2 ** 63);
  assert.equal(transform(huge, ["invert"]).tree.total[0], 2 ** 63);
});

test("a trail survives its URL, whatever the names hold", () => {
  const steps = ["hide=a\nb\\n", "drop~^\\d+;", "subtree:a\\;b;c", "recursion", "focus=<img src=x>", "hide="];
  assert.deepEqual(parseTrail(formatTrail(steps)), steps);
  assert.deepEqual(parseTrail(""), []);
});

test("steps are told in words", () => {
  assert.equal(describeStep("hide=malloc"), "Without malloc");
  assert.equal(describeStep("drop~^epoll"), "Without stacks through /^epoll/");
  assert.equal(describeStep("merge@^libc\\.so\\.6$"), "Merged module libc.so.6");
  assert.equal(describeStep("collapse=f"), "Collapsed below f");
  assert.equal(describeStep("group:module"), "Grouped by module");
  assert.equal(describeStep("hide%kernel"), "Without kernel frames");
  assert.equal(describeStep("subtree:a;b"), "Only below one b");
  assert.equal(describeStep("\u202egnp"), "\ufffdgnp");
});
