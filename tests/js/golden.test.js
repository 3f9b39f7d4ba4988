/** The golden wire files read as Python says (tests/core/test_wire_golden.py writes them). */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { readTree } from "../../static/js/core/tree.js";

const FOLDER = new URL("../golden/wire/", import.meta.url);
const files = readdirSync(FOLDER).filter((file) => file.endsWith(".wpt"));

test("there are golden files", () => assert.ok(files.length >= 8));

for (const file of files) {
  test(`${file} reads as expected`, () => {
    const bytes = readFileSync(new URL(file, FOLDER));
    const tree = readTree(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const expected = JSON.parse(readFileSync(new URL(file.replace(".wpt", ".json"), FOLDER)));
    const frames = Array.from(tree.frame, (_, node) => tree.frameOf(node));
    const columns = ["depth", "self", "total", "end"].map((name) => [name, Array.from(tree[name])]);
    for (const [name, values] of columns) assert.deepEqual(values, expected[name], name);
    for (const name of ["name", "kind", "module", "file", "line"]) assert.deepEqual(frames.map((frame) => frame[name]), expected[name], name);
    assert.deepEqual(Array.from(tree.cutNode, (node, i) => [node, tree.cutValue[i], tree.cutCount[i]]), expected.cuts);
    assert.equal(tree.unit, expected.unit);
    assert.deepEqual(tree.header.quality, expected.quality);
  });
}
