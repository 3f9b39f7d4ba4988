/** Rows of the table of two sides. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { diffDirection, diffRows, listDiffRows, nextDiffSort, notListed, parseDiffSort } from "../../static/js/core/diff-rows.js";
import { readAny, treeOf } from "../../static/js/core/diff.js";
import { csvOf } from "../../static/js/core/export-text.js";
import { transformSides, withSides } from "../../static/js/core/sides.js";
import { decode } from "../../static/js/core/wire.js";

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

const golden = (name) => new Uint8Array(readFileSync(new URL(`../golden/diff/${name}.wpt`, import.meta.url))).buffer;
const add = (values) => values.reduce((sum, value) => sum + value, 0);

test("where every function is a row nothing is said to be missing", () => {
  assert.equal(notListed(diffOf()), null);
  assert.equal(notListed(readAny(golden("beside")).diff), null);
});

test("what the server left out is told by number and value, and rows with it are everything", () => {
  const message = decode(golden("changed"));
  const left = message.header.functions.filter(({ name }) => name !== "main");
  message.header = { ...message.header, functions: left, functions_left_out: 1 };
  const tree = treeOf(message);
  const { words, self } = notListed(tree.diff);
  assert.equal(words, "1 more name that changed less");
  assert.deepEqual([self.a, self.b], [750, 1529]);
  assert.equal(add(left.map((row) => row.self[0])) + self.a, tree.diff.a.sum);
  assert.match(csvOf(tree, null), /\r\n\(1 more name that changed less\),,750,1529,,\r\n$/);
});

for (const swapped of [false, true]) {
  for (const step of ["recursion", "hide=main", "collapse=f00", "drop=json.loads", "group:module"]) {
    test(`after ${step}${swapped ? ", swapped" : ""}, rows and what was cut are all that is left`, () => {
      const base = readAny(golden("beside"), { swapped });
      const tree = withSides(base, transformSides(base, [step]));
      const { words, self } = notListed(tree.diff);
      const listed = diffRows(tree.diff);
      assert.equal(add(listed.map((row) => row.self.a)) + self.a, tree.diff.a.total[0]);
      assert.equal(add(listed.map((row) => row.self.b)) + self.b, tree.diff.b.total[0]);
      assert.equal(words, `${add([...tree.cutCount])} places that were too small to be sent`);
      assert.ok(add([...tree.diff.a.cut]) === self.a - tree.diff.a.self[0] && self.a + self.b > 0);
    });
  }
}
