/** Table and sandwich, against sums over plain stacks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { functionTable } from "../../static/js/core/functions.js";
import { sandwich } from "../../static/js/core/sandwich.js";
import { reshape } from "../../static/js/core/tree.js";
import { deepTree, tree } from "./messages.js";
import { randomSamples, stacks, treeOf } from "./stacks.js";

const table = (of) => {
  const { frame, self, total, places } = functionTable(of);
  return Object.fromEntries(Array.from(frame, (f, i) => [of.strings[of.frames.name[f]], { self: self[i], total: total[i], places: places[i] }]));
};
const sumOf = (samples, wanted) => samples.filter(([path]) => wanted(path)).reduce((sum, [, value]) => sum + value, 0);

test("a function has what stacks end in it and what stacks go through it, once each", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const samples = randomSamples(seed);
    const rows = table(treeOf(samples));
    for (const name of "abcd") {
      assert.equal(rows[name].self, sumOf(samples, (path) => path.at(-1) === name));
      assert.equal(rows[name].total, sumOf(samples, (path) => path.includes(name)));
    }
  }
});

test("a function called from two places is one row, and the root is none", () => {
  const rows = functionTable(tree("a 1\n  b 2\nb 4"));
  assert.deepEqual([...rows.self], [6, 1]);
  assert.deepEqual([...rows.places], [2, 1]);
});

test("both halves of a sandwich are of the function's whole value, callers turned round", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const samples = randomSamples(seed);
    const of = treeOf(samples);
    const { callers, callees, functions } = sandwich(of, "=b");
    const through = samples.filter(([path]) => path.includes("b"));
    const merged = (paths) => {
      const result = {};
      for (const [path, value] of paths) result[path.join(";")] = (result[path.join(";")] ?? 0) + value;
      return result;
    };
    const [above, below] = [callers, callees].map((shape) => reshape(of, shape));
    assert.equal(functions, 1);
    assert.deepEqual([above.name(0), below.name(0), above.total[0], below.total[0]], ["b", "b", table(of).b.total, table(of).b.total]);
    assert.deepEqual(stacks(above), merged(through.map(([path, value]) => [path.slice(0, path.indexOf("b")).toReversed(), value])));
    assert.deepEqual(stacks(below), merged(through.map(([path, value]) => [path.slice(path.indexOf("b") + 1), value])));
  }
});

test("all functions that match stand below one root", () => {
  const of = tree("main 1\n  read 2\n    copy 4\n  write 8\n    copy 16");
  const { callers, callees, functions, places } = sandwich(of, "~read|write");
  const [above, below] = [callers, callees].map((shape) => reshape(of, shape));
  assert.deepEqual([functions, places, above.total[0], below.total[0], below.name(0)], [2, 2, 30, 30, "all"]);
  assert.deepEqual(stacks(above), { "read;main": 6, "write;main": 24 });
  assert.deepEqual(stacks(below), { read: 2, "read;copy": 4, write: 8, "write;copy": 16 });
});

test("a function that is not there has no sandwich", () => {
  assert.deepEqual(sandwich(tree("a 1"), "=b"), { callers: null, callees: null, functions: 0, places: 0 });
});

test("callers too small to see are cut, and their value is not lost", () => {
  const samples = Array.from({ length: 300 }, (_, i) => [[`caller${i}`, "hot"], i === 0 ? 10_000_000 : 1]);
  const of = treeOf(samples.map(([path, value]) => [["main", ...path], value]));
  const callers = reshape(of, sandwich(of, "=hot").callers);
  assert.equal(callers.total[0], 10_000_299);
  assert.equal(callers.cutValue.reduce((a, b) => a + b, 0), 299);
});

test("the sandwich of a stack of ten thousand frames", () => {
  const of = deepTree(10_000);
  const { callees } = sandwich(of, "=f0");
  assert.equal(reshape(of, callees).maxDepth, 9_999);
});
