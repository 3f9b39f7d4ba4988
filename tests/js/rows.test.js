/** Rows of the table and of the call tree. */

import { peakText, sparkline } from "../../static/js/core/sparkline.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallRows } from "../../static/js/core/call-rows.js";
import { functionTable } from "../../static/js/core/functions.js";
import { direction, nextSort, parseSort, tableRows } from "../../static/js/core/table-rows.js";
import { describeTarget, framesMeant, targetError } from "../../static/js/core/targets.js";
import { deepTree, names, tree } from "./messages.js";
import { treeOf } from "./stacks.js";

const sample = tree("main 1\n  read 20\n    copy 4\n  parse 8\n    copy 5\nidle 6", { modules: { copy: "libc", read: "app" } });
const table = functionTable(sample);
const listed = (sort, regex = null) => [...tableRows(table, sample, sort, regex)].map((row) => sample.strings[sample.frames.name[table.frame[row]]]);

test("numbers begin with the largest, words with the first, and a minus turns them round", () => {
  assert.deepEqual(listed("self"), ["read", "copy", "parse", "idle", "main"]);
  assert.deepEqual(listed("-self"), ["main", "idle", "parse", "copy", "read"]);
  assert.deepEqual(listed("total"), ["main", "read", "parse", "copy", "idle"]);
  assert.deepEqual(listed("places")[0], "copy");
  assert.deepEqual(listed("name"), ["copy", "idle", "main", "parse", "read"]);
  assert.deepEqual(listed("module").slice(-2), ["read", "copy"]);
  assert.deepEqual(listed("nonsense"), listed("self"));
});

test("the search filters", () => assert.deepEqual(listed("name", /^[cr]/), ["copy", "read"]));

test("a second click on a head turns the order round, another head begins anew", () => {
  assert.deepEqual([nextSort("", "self"), nextSort("self", "self"), nextSort("-self", "self"), nextSort("-self", "name")], ["-self", "-self", "self", "name"]);
  assert.deepEqual([direction("self", false), direction("self", true), direction("name", false)], ["descending", "ascending", "ascending"]);
  assert.deepEqual(parseSort("-total"), { column: "total", reversed: true });
});

test("a call tree is open where one callee has most of the time", () => {
  const calls = new CallRows(sample);
  assert.deepEqual(names(sample, calls.rows), ["all", "main", "read", "parse", "idle"]);
  const parse = calls.rows[3];
  assert.deepEqual([calls.isOpen(parse), calls.hasCallees(parse), calls.placeOf(parse)], [false, true, { place: 2, of: 2 }]);
  assert.equal(calls.setOpen(parse, true), true);
  assert.deepEqual(names(sample, calls.rows), ["all", "main", "read", "parse", "copy", "idle"]);
  assert.equal(calls.setOpen(calls.rows[4], true), false);
  calls.setOpen(calls.rows[1], false);
  assert.deepEqual(names(sample, calls.rows), ["all", "main", "idle"]);
});

test("a frame deep inside is revealed by opening all above it", () => {
  const calls = new CallRows(sample);
  const copy = [...sample.frame.keys()].findLast((node) => sample.name(node) === "copy");
  const at = calls.reveal(copy);
  assert.equal(calls.rows[at], copy);
});

test("ten thousand levels, a hundred thousand callees, and no value at all are ordinary", () => {
  assert.equal(new CallRows(deepTree(10_000)).rows.length, 10_001);
  const wide = treeOf(Array.from({ length: 100_000 }, (_, i) => [["main", `f${i}`], 1]));
  assert.ok(new CallRows(wide).rows.length >= 2);
  assert.deepEqual(new CallRows(tree("a 0")).rows, [0, 1]);
});

test("targets say which frames, in words, and what is wrong with them", () => {
  const meant = (target) => names(sample, [...sample.frame.keys()].filter((node) => framesMeant(sample, target)[sample.frame[node]] === 1));
  assert.deepEqual([meant("=copy").length, meant("~^(read|idle)$"), meant("@^app$"), meant("%kernel"), meant("~.").includes("all")], [2, ["read", "idle"], ["read"], [], false]);
  assert.deepEqual([describeTarget("=a"), describeTarget("~a|b"), describeTarget("@libc"), describeTarget("%python")], ["a", "/a|b/", "module /libc/", "Python frames"]);
  assert.ok(["", "a", "~", "~(", "%martian", "@["].every((target) => targetError(target) !== ""));
  assert.deepEqual([targetError("="), targetError("=a("), targetError("%kernel")], ["", "", ""]);
});

test("a sparkline is as high as each share of the most, and something is never nothing", () => {
  assert.equal(sparkline([0, 2, 4], 30, 16), "M0 16V16H10V8H20V0H30V16Z");
  assert.equal(sparkline([1, 1000], 20, 16), "M0 16V15H10V0H20V16Z");
  assert.equal(sparkline([0, 0], 20, 16), "");
  assert.equal(peakText([0, 3, 1], 30), "most at 10–20\u2009s");
  assert.equal(peakText([0], 30), "no sample with a time");
});
