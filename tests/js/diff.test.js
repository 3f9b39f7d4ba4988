/** Two sides read as Python says (tests/core/test_diff_golden.py writes the files), and in words. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { colorNodes, diffFills } from "../../static/js/core/diff-colors.js";
import { diffDetails, points, signed, verdict } from "../../static/js/core/diff-words.js";
import { readAny, rows } from "../../static/js/core/diff.js";
import { WireError } from "../../static/js/core/wire.js";

const FOLDER = new URL("../golden/diff/", import.meta.url);
const bytes = (name) => new Uint8Array(readFileSync(new URL(`${name}.wpt`, FOLDER))).buffer;
const read = (name, sides) => readAny(bytes(name), sides);
const near = (a, b) => assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
const files = readdirSync(FOLDER).filter((file) => file.endsWith(".wpt")).map((file) => file.slice(0, -4));
const named = (tree, name) => Array.from({ length: tree.length }, (_, node) => node).find((node) => tree.name(node) === name);

test("there are golden files", () => assert.ok(files.length >= 5));

for (const name of files) {
  const says = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER)));
  for (const change of ["relative", "absolute"]) {
    test(`${name}: ${change} changes and floors are Python's`, () => {
      const tree = read(name, { change });
      for (let node = 0; node < tree.length; node++) {
        assert.equal(tree.name(node), says.names[node]);
        assert.deepEqual([tree.diff.a.total[node], tree.diff.b.total[node]], [says.a[node], says.b[node]]);
        const { by, floor } = tree.diff.of(node);
        near(by, says[change][node]);
        if (says[`${change}_floor`][node] === null) assert.equal(floor, Infinity);
        else near(floor, says[`${change}_floor`][node]);
      }
    });
    test(`${name}: swapped, every ${change} change has the other sign`, () => {
      const [there, back] = [read(name, { change }), read(name, { change, swapped: true })];
      for (let node = 0; node < there.length; node++) {
        near(back.diff.of(node).by, -there.diff.of(node).by);
        assert.equal(back.diff.of(node).isNew, there.diff.of(node).gone);
      }
    });
  }
  test(`${name}: no frame is without width, and widths add up`, () => {
    const tree = read(name);
    for (let node = 0; node < tree.length; node++) assert.ok(tree.total[node] > 0);
    near(tree.total[0], says.b[0] * (says.a[0] || 1) + says.a[0] * (says.b[0] || 1));
  });
}

test("what is new or gone is told, in colour, number and words", () => {
  const tree = read("changed");
  const [gone, fresh] = ["old", "new"].map((name) => tree.diff.of(named(tree, name)));
  assert.deepEqual([gone.gone, gone.isNew, fresh.gone, fresh.isNew], [true, false, false, true]);
  const colors = colorNodes(tree);
  assert.ok(colors[named(tree, "old")] < 6 && colors[named(tree, "new")] > 6);
  assert.equal(signed(tree.diff, gone), "\u22129.0");
  assert.equal(verdict(tree.diff, fresh), "new in B, beyond chance");
  assert.deepEqual(diffDetails(tree, named(tree, "new")).b, ["8.0\u2009%", "160 samples"]);
});

test("what chance explains is grey", () => {
  const tree = read("changed");
  const read_ = named(tree, "vfs_read");
  assert.match(verdict(tree.diff, { ...tree.diff.between(120, 245) }), /could be chance/);
  assert.ok(read_ > 0);
  assert.ok(colorNodes(read("equal")).every((fill) => fill === 6));
});

test("beside an empty side everything is grey, and it is said why", () => {
  const tree = read("empty-base");
  assert.ok(colorNodes(tree).every((fill) => fill === 6));
  assert.match(verdict(tree.diff, tree.diff.of(1)), /one side has no samples/);
});

test("functions are a table by change, of both sides, swapped with them", () => {
  const found = rows(read("changed").diff, "self");
  assert.equal(found[0].name, "old");
  const loads = found.find(({ name }) => name === "json.loads");
  assert.deepEqual([loads.a, loads.b, points(loads.by)], [40, 180, "+5.0"]);
  const back = rows(read("changed", { swapped: true }).diff, "total");
  const main = back.find(({ name }) => name === "main");
  assert.deepEqual([main.a, main.b, points(main.by)], [2000, 1000, "±0"]);
});

test("small is not nothing", () => {
  assert.deepEqual([0, 0.000001, 0.00012, -0.000123, 0.00099, 0.031, 1].map(points), ["±0", "+<0.001", "+0.012", "\u22120.012", "+0.099", "+3.1", "+100"]);
});

test("a message without the base's values is damaged", () => {
  const damaged = new Uint8Array(bytes("changed"));
  const at = Buffer.from(damaged).indexOf("base_self");
  damaged.set(Buffer.from("bxse_self"), at);
  assert.throws(() => readAny(damaged.buffer), WireError);
});

test("steps are as many on both sides of no change", () => {
  for (const theme of ["light", "dark"]) assert.equal(new Set(diffFills(theme)).size, 13);
});

test("what the picture lacks below a frame is told of both sides", () => {
  const tree = read("beside");
  const words = diffDetails(tree, named(tree, "main")).cut.replaceAll("\u2009", " ");
  const [a] = Array.from(tree.diff.a.cut);
  assert.ok(a > 0);
  assert.equal(words, `${tree.cutCount[0]} smaller callees with ${((100 * a) / tree.diff.a.sum).toFixed(1)} % of A and 0 % of B are not in this picture`);
  assert.equal(diffDetails(tree, named(tree, "json.loads")).cut, "");
});
