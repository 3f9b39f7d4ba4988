/** The order of a page's table. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { cellKey, columnKey, nextOrder, ordered, parseOrder } from "../../static/js/core/table-order.js";

test("a column is named as its head says", () => {
  assert.equal(columnKey(" PSI cpu · io · mem "), "psi-cpu-io-mem");
  assert.equal(columnKey("Memory used"), "memory-used");
  assert.equal(columnKey("#"), "");
});

test("numbers begin with the largest, words with A; a second press turns it, a third takes it back", () => {
  assert.deepEqual(["", "-cpu", "cpu"].map((now) => nextOrder(now, "cpu", true)), ["-cpu", "cpu", ""]);
  assert.deepEqual(["-cpu", "host", "-host"].map((now) => nextOrder(now, "host", false)), ["host", "-host", ""]);
  assert.deepEqual(parseOrder("-cpu"), { key: "cpu", reversed: true });
});

test("cells are compared as what they say: thin spaces are no end of a number, and nothing is less than all", () => {
  assert.equal(cellKey("1\u20094\u00a012.5\u2009%", true), 1412.5);
  assert.equal(cellKey("–", true), -Infinity);
  assert.equal(cellKey(" Web-1 ", false), "web-1");
});

test("equal rows keep their order both ways", () => {
  const rows = [["b", 1], ["a", 2], ["c", 1]];
  const names = (reversed) => ordered(rows, ([, n]) => n, reversed).map(([name]) => name);
  assert.deepEqual(names(false), ["b", "c", "a"]);
  assert.deepEqual(names(true), ["a", "b", "c"]);
});
