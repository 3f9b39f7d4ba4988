/** The strip above a graph: its height, when it is there, and where the part on screen lies. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_PX, frameOf, needed, stripOf } from "../../static/js/core/miniature.js";

test("rows of deep graphs share pixels, and the strip stays a strip", () => {
  assert.deepEqual(stripOf(5), { height: 15, row: 3 });
  assert.equal(stripOf(10_000).height, MAX_PX);
  assert.equal(stripOf(1).height, 3);
});

test("it is there when the graph is deep or has more frames than can be seen, however it is zoomed", () => {
  assert.deepEqual([needed(500, 20, 30), needed(500, 31, 30), needed(50_000, 20, 30)], [false, true, true]);
});

test("the window lies where the graph is looked at, from whichever side it grows", () => {
  const strip = { width: 200, height: 30, row: 3, upward: false };
  const rows = { first: 2, shown: 4, depths: 10 };
  assert.deepEqual(frameOf({ start: 25, end: 50 }, 100, rows, strip), { x: 50, y: 6, width: 50, height: 12 });
  assert.deepEqual(frameOf({ start: 25, end: 50 }, 100, rows, { ...strip, upward: true }), { x: 50, y: 12, width: 50, height: 12 });
  assert.deepEqual(frameOf({ start: 0, end: 1e-9 }, 100, { first: 0, shown: 99, depths: 10 }, strip), { x: 0, y: 0, width: 2, height: 30 });
});
