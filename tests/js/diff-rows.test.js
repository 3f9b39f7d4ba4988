/** Rows of the table of two sides. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { diffDirection, diffRows, listDiffRows, nextDiffSort, parseDiffSort } from "../../static/js/core/diff-rows.js";
import { readAny } from "../../static/js/core/diff.js";

const bytes = new Uint8Array(readFileSync(new URL("../golden/diff/changed.wpt", import.meta.url))).buffer;
const diffOf = (sides) => readAny(bytes, sides).diff;
const rows = diffRows(diffOf());
const listed = (sort, filter = null) => listDiffRows(rows, sort, filter).map(({ name }) => name);

test("changes begin with the largest, whichever its sign", () => {
  assert.deepEqual(listed("self"), ["old", "json.loads", "vfs_read", "main", "new"]);
  assert.deepEqual(listed("total").slice(0, 2), ["old", "new"]);
  assert.deepEqual(listed("-self"), listed("self").reverse());
  assert.deepEqual(listed("a")[0], "main");
  assert.deepEqual(listed("name"), [...listed("name")].sort());
  assert.deepEqual(listed("places"), listed("self"));
});

test("rows have both sides' own values, and swapped the other way round", () => {
  const old = (all) => all.find(({ name }) => name === "old").self;
  const [there, back] = [old(rows), old(diffRows(diffOf({ swapped: true })))];
  assert.deepEqual([there.a, there.b, there.gone], [90, 0, true]);
  assert.deepEqual([back.a, back.b, back.isNew], [0, 90, true]);
});

test("the search filters, and heads turn round", () => {
  assert.deepEqual(listed("self", /^(new|old)$/), ["old", "new"]);
  assert.deepEqual([nextDiffSort("", "self"), nextDiffSort("-self", "self"), diffDirection("name", false), diffDirection("self", false)], ["-self", "self", "ascending", "descending"]);
  assert.deepEqual(parseDiffSort("places"), { column: "self", reversed: false });
});
