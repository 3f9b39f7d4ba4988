/** What was cut, put back: the tree is the one that nothing was cut from. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readAny, treeOf } from "../../static/js/core/diff.js";
import { graft, hasCuts, namesTo } from "../../static/js/core/graft.js";

const FOLDER = new URL("../golden/diff/", import.meta.url);
const read = (name, sides) => readAny(new Uint8Array(readFileSync(new URL(`${name}.wpt`, FOLDER))).buffer, sides);
const rows = (tree) => Array.from({ length: tree.length }, (_, node) => [tree.name(node), tree.depth[node], tree.diff.a.total[node], tree.diff.b.total[node], tree.diff.a.self[node]]);
const named = (tree, name) => Array.from({ length: tree.length }, (_, node) => node).find((node) => tree.name(node) === name);

test("a cut subtree becomes whole, on both sides", () => {
  const [cut, whole] = [read("cut"), read("cut-whole")];
  const main = named(cut, "main");
  assert.ok(hasCuts(cut, main) && !hasCuts(whole, 0));
  const grown = treeOf(graft(cut, main, whole));
  assert.deepEqual(rows(grown), rows(whole));
  assert.equal(hasCuts(grown, 0), false);
  assert.deepEqual(namesTo(grown, named(grown, "f03")), ["main", "f03"]);
});

test("what is beside the subtree stays, with its own cuts", () => {
  const cut = read("cut");
  const main = named(cut, "main");
  const same = treeOf(graft(cut, main, cut));
  assert.deepEqual(rows(same), rows(cut));
  assert.deepEqual([...same.cutNode], [...cut.cutNode]);
  assert.deepEqual([...same.cutValue], [...cut.cutValue]);
});

test("another tree, or one with other values, is not grafted", () => {
  const cut = read("cut");
  assert.equal(graft(cut, named(cut, "main"), read("changed")), null);
  assert.equal(graft(cut, named(cut, "json.loads"), read("changed")), null);
});

for (const sides of [{ change: "relative" }, { change: "absolute" }, { change: "relative", swapped: true }]) {
  test(`what the server sends of a part of both sides, whose sums are smaller, fits: ${JSON.stringify(sides)}`, () => {
    const [cut, part, whole] = ["beside", "beside-below", "beside-whole"].map((name) => read(name, sides));
    assert.notEqual(part.diff.a.sum + part.diff.b.sum, cut.diff.a.sum + cut.diff.b.sum);
    const grown = treeOf(graft(cut, named(cut, "main"), part), sides);
    assert.deepEqual(rows(grown), rows(whole));
    assert.deepEqual([grown.diff.a.sum, grown.diff.b.sum], [cut.diff.a.sum, cut.diff.b.sum]);
    const f03 = named(grown, "f03");
    assert.deepEqual(grown.diff.of(f03), whole.diff.of(named(whole, "f03")));
  });
}
