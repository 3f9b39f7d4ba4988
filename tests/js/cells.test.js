/** Cells of a histogram's heat map: which one is pressed, where they are drawn, how keys move, and what an address says of them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { between, cellAt, cellsOf, moved, placeOf, writeCells } from "../../static/js/core/cells.js";

/** Ten seconds, buckets 3 to 7. */
const AREA = { from: 100_000, to: 110_000, low: 3, high: 7, stepMs: 1000 };

test("a place in the picture is the cell that is drawn there", () => {
  for (let at = 100_000; at < 110_000; at += 1000) {
    for (let bucket = 3; bucket <= 7; bucket++) {
      const cell = { at, bucket };
      const { left, top, width, height } = placeOf(between(cell, cell, 1000), AREA);
      assert.deepEqual(cellAt(left + width / 2, top + height / 2, AREA), cell);
    }
  }
  assert.deepEqual(cellAt(0, 0, AREA), { at: 100_000, bucket: 7 });
  assert.deepEqual(cellAt(1, 1, AREA), { at: 109_000, bucket: 3 });
});

test("two cells span all between them, whichever was first", () => {
  const [one, other] = [{ at: 104_000, bucket: 6 }, { at: 102_000, bucket: 4 }];
  const cells = { low: 4, high: 6, from: 102_000, to: 105_000 };
  assert.deepEqual(between(one, other, 1000), cells);
  assert.deepEqual(between(other, one, 1000), cells);
});

test("cells that are partly out of sight are drawn where they are in sight, others not at all", () => {
  assert.deepEqual(placeOf({ low: 0, high: 3, from: 90_000, to: 105_000 }, AREA), { left: 0, top: 0.8, width: 0.5, height: 0.2 });
  assert.equal(placeOf({ low: 3, high: 7, from: 90_000, to: 100_000 }, AREA), null);
  assert.equal(placeOf({ low: 8, high: 9, from: 100_000, to: 101_000 }, AREA), null);
});

test("keys move by a cell and stop at the edges", () => {
  const cell = { at: 109_000, bucket: 7 };
  assert.deepEqual(moved(cell, "ArrowRight", AREA), cell);
  assert.deepEqual(moved(cell, "ArrowUp", AREA), cell);
  assert.deepEqual(moved(cell, "ArrowDown", AREA), { at: 109_000, bucket: 6 });
  assert.deepEqual(moved(cell, "Home", AREA), { at: 100_000, bucket: 7 });
  assert.deepEqual(moved(cell, "PageUp", AREA), { at: 100_000, bucket: 7 });
  assert.equal(moved(cell, "Tab", AREA), null);
});

test("an address keeps cells, and what is none in it is nothing", () => {
  const cells = { low: 4, high: 6, from: 102_000, to: 105_000 };
  const params = writeCells(new URLSearchParams("pid=7&cells-row=old"), cells, ["vda", "read"]);
  assert.deepEqual(cellsOf(`?${params}`), cells);
  assert.equal(params.get("cells-row"), "vda / read");
  assert.equal(writeCells(params, null, null).toString(), "pid=7");
  for (const search of ["", "?cells-at=1-2", "?cells-at=2-1&cells-buckets=1-1", "?cells-at=1-2&cells-buckets=2-1", "?cells-at=a-b&cells-buckets=1-2"]) assert.equal(cellsOf(search), null);
});
