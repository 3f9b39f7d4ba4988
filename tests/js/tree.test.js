import assert from "node:assert/strict";
import { test } from "node:test";
import { deepTree, names, tree } from "./messages.js";

const sample = tree("main 1\n  read 2\n    vfs 3\n  write 4\nidle 5");

test("totals, edges, subtrees and parents follow from depth and own value", () => {
  assert.deepEqual([...sample.total], [15, 10, 5, 3, 4, 5]);
  assert.deepEqual([...sample.start], [0, 0, 0, 0, 5, 10]);
  assert.deepEqual([...sample.end], [6, 5, 4, 4, 5, 6]);
  assert.deepEqual([...sample.parent], [0, 0, 1, 2, 1, 0]);
  assert.equal(sample.maxDepth, 3);
});

test("levels list each row from left to right", () => {
  const rows = Array.from({ length: 4 }, (_, d) => names(sample, sample.levels.slice(sample.levelStart[d], sample.levelStart[d + 1])));
  assert.deepEqual(rows, [["all"], ["main", "idle"], ["read", "write"], ["vfs"]]);
});

test("what was cut counts in every total above it and lies to the right of the children", () => {
  const cut = tree("main 1\n  work 2\nidle 1", { cuts: [[1, 6, 40]] });
  assert.deepEqual([...cut.total], [10, 9, 2, 1]);
  assert.equal(cut.start[3], 9);
  assert.deepEqual(cut.cutBelow(1), { value: 6, count: 40, at: 0 });
  assert.deepEqual(cut.cutBelow(2), { value: 0, count: 0, at: -1 });
});

test("a root alone is a tree", () => {
  const empty = tree("");
  assert.deepEqual([empty.length, empty.total[0], empty.maxDepth, empty.end[0]], [1, 0, 0, 1]);
});

test("values beyond 32 bits stay exact", () => {
  const huge = tree(`a ${2 ** 53 - 2}\nb 1`, { self: "f64" });
  assert.equal(huge.total[0], 2 ** 53 - 1);
  assert.equal(huge.start[2], 2 ** 53 - 2);
});

test("a stack of 10,000 frames needs no recursion", () => {
  const deep = deepTree(10_000);
  assert.equal(deep.maxDepth, 10_000);
  assert.equal(deep.total[0], 2);
  assert.equal(deep.ancestry(10_000).length, 10_001);
});

test("a million nodes hold only typed arrays", () => {
  const columns = Object.values(sample).filter((value) => Array.isArray(value) && value.length >= sample.length && value !== sample.strings);
  assert.deepEqual(columns, []);
});
