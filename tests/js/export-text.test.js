/** What is saved is what is shown. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Answers } from "../../static/js/core/answers.js";
import { readAny } from "../../static/js/core/diff.js";
import { csvOf, foldedOf } from "../../static/js/core/export-text.js";
import { randomSamples, stacks, treeOf } from "./stacks.js";

test("folded stacks are those of the tree, each with its own value", () => {
  const tree = treeOf(randomSamples(5));
  const read = Object.fromEntries(foldedOf(tree).trimEnd().split("\n").map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
  assert.deepEqual(read, stacks(tree));
});

test("no name breaks a line or a stack", () => {
  assert.equal(foldedOf(treeOf([[["a;b", "c\nd"], 2]])), "a:b;c d 2\n");
});

test("what steps left is saved, as folded stacks and as a table", () => {
  const answers = new Answers(treeOf([[["a", "b"], 2], [["a", "c"], 3]]));
  assert.equal(answers.folded(["drop=b"]), "a;c 3\n");
  assert.equal(answers.csv(["drop=b"]), "function,module,self samples,total samples,places\r\nc,,3,3,1\r\na,,0,3,1\r\n");
});

test("a table is text for spreadsheets, never a formula", () => {
  const names = ["=HYPERLINK(1)", "+x", "-y", "@z", 'say "hi", all'];
  const csv = csvOf(treeOf([]), { frame: [], self: [], total: [], places: [] });
  assert.equal(csv.split("\r\n").length, 2);
  const made = new Answers(treeOf(names.map((name) => [[name], 1]))).csv([]);
  for (const name of ["'=HYPERLINK(1)", "'+x", "'-y", "'@z", '"say ""hi"", all"']) assert.ok(made.includes(`\r\n${name},`), name);
});

test("two sides are saved with the values of both", () => {
  const bytes = new Uint8Array(readFileSync(new URL("../golden/diff/changed.wpt", import.meta.url))).buffer;
  const tree = readAny(bytes);
  assert.match(foldedOf(tree), /^main;vfs_read 120 131$/m);
  assert.match(csvOf(tree, null), /^function,module,self A samples,self B samples,total A samples,total B samples\r\n/);
  assert.match(csvOf(tree, null), /\r\njson\.loads,[^,]*,40,180,/);
});
