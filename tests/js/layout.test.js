import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout, deepestBelow, neighbour, nodeAt, visibleFrames, widestChild } from "../../static/js/core/layout.js";
import { names, tree } from "./messages.js";

const sample = tree("main 1\n  read 2\n    vfs 3\n  write 4\nidle 5");
const all = { start: 0, end: 15 };

function laidOut(of, viewport, width, first = 0, last = 99) {
  const out = visibleFrames(of, viewport, width, first, last, new Layout());
  return Array.from({ length: out.count }, (_, i) => [of.name(out.node[i]), out.left[i], out.right[i]]);
}

test("frames lie under their callers, as wide as their share", () => {
  assert.deepEqual(laidOut(sample, all, 150), [["all", 0, 150], ["main", 0, 100], ["idle", 100, 150], ["read", 0, 50], ["write", 50, 90], ["vfs", 0, 30]]);
});

test("only the asked rows are laid out", () => {
  assert.deepEqual(laidOut(sample, all, 150, 2, 2).map(([name]) => name), ["read", "write"]);
});

test("a zoomed viewport clips ancestors to the width and drops what is outside", () => {
  assert.deepEqual(laidOut(sample, { start: 5, end: 9 }, 100), [["all", 0, 100], ["main", 0, 100], ["write", 0, 100]]);
});

/** 1,000 leaves below one frame, of widths 1..7. */
const crowd = tree("main 0\n" + Array.from({ length: 1000 }, (_, i) => `  f${i} ${1 + (i % 7)}`).join("\n"));

for (const width of [1, 7, 100, 999, 4001]) {
  test(`at ${width} px a row has no gap, no overlap and at most one frame per pixel`, () => {
    const row = laidOut(crowd, { start: 0, end: crowd.total[0] }, width, 2, 2);
    assert.ok(row.length <= width);
    assert.equal(row[0][1], 0);
    assert.equal(row.at(-1)[2], width);
    row.slice(1).forEach(([, left], i) => assert.equal(left, row[i][2]));
  });
}

test("a frame too narrow for a pixel is not drawn, and is when zoomed to", () => {
  const needle = tree("big 1000000\nneedle 1\nrest 1000000");
  assert.deepEqual(laidOut(needle, { start: 0, end: 2000001 }, 1000, 1, 1).map(([name]) => name), ["big", "rest"]);
  assert.deepEqual(laidOut(needle, { start: 1000000, end: 1000001 }, 1000, 1, 1), [["needle", 0, 1000]]);
});

test("in a chart over time the shortest run has a pixel, and a row still has no more than one for each", () => {
  const needle = Object.assign(tree("big 1000000\nneedle 1\nrest 1000000"), { sparse: true });
  assert.deepEqual(laidOut(needle, { start: 0, end: 2000001 }, 1000, 1, 1), [["big", 0, 500], ["needle", 500, 501], ["rest", 500, 1000]]);
  const runs = Object.assign(tree(`main 0\n${Array.from({ length: 5000 }, (_, i) => `  f${i} 1`).join("\n")}`), { sparse: true });
  assert.ok(laidOut(runs, { start: 0, end: 5000 }, 100, 2, 2).length <= 101);
});

test("frames of no value and empty profiles lay out nothing", () => {
  assert.deepEqual(laidOut(tree(""), { start: 0, end: 0 }, 100), []);
  assert.deepEqual(laidOut(tree("zero 0\none 1"), { start: 0, end: 1 }, 100, 1, 1), [["one", 0, 100]]);
});

test("pointing finds the frame of that row and value", () => {
  assert.deepEqual(names(sample, [nodeAt(sample, 0, 14), nodeAt(sample, 1, 9.9), nodeAt(sample, 1, 10), nodeAt(sample, 2, 6)]), ["all", "main", "idle", "write"]);
  assert.equal(nodeAt(sample, 2, 9.5), -1, "own time of main: nothing below");
  assert.equal(nodeAt(sample, 9, 1), -1);
  assert.equal(nodeAt(sample, -1, 1), -1);
});

test("neighbours stay in the row, skip frames of no width and end at the edges", () => {
  const row = tree("a 1\nnone 0\nb 1");
  assert.equal(row.name(neighbour(row, 1, 1)), "b");
  assert.equal(row.name(neighbour(row, 3, -1)), "a");
  assert.equal(neighbour(row, 3, 1), -1);
});

test("the widest child and the deepest row below a frame", () => {
  assert.equal(sample.name(widestChild(sample, 1)), "read");
  assert.equal(widestChild(sample, 3), -1);
  assert.equal(deepestBelow(sample, 2), 3);
  assert.equal(deepestBelow(sample, 5), 1);
});
