import assert from "node:assert/strict";
import test from "node:test";

import { bucketLabel, feedWords, inOrder, seriesOf } from "../../static/js/core/bpftrace.js";

test("a bucket says which values are in it, open ones too", () => {
  assert.deepEqual([bucketLabel(0, 0), bucketLabel(4, 7), bucketLabel(null, -1), bucketLabel(100, null)], ["0", "4 – 7", "< 0", "≥ 100"]);
});

test("what was printed several times is a series; a key that was not printed was 0", () => {
  const points = [
    { at_ms: 0, rows: [["a", 2]] },
    { at_ms: 1000, rows: [["b", 5]] },
  ];
  assert.deepEqual(seriesOf({ shows: "number", points }), [
    { key: "b", values: [[0, 0], [1000, 5]] },
    { key: "a", values: [[0, 2], [1000, 0]] },
  ]);
  assert.deepEqual(seriesOf({ shows: "number", points: points.slice(1) }), []);
  assert.deepEqual(seriesOf({ shows: "histogram", points }), []);
});

test("a series has the largest keys only", () => {
  const rows = Array.from({ length: 20 }, (_, key) => [String(key), key]);
  const lines = seriesOf({ shows: "number", points: [{ at_ms: 0, rows }, { at_ms: 1, rows }] });
  assert.deepEqual(lines.map(({ key }) => key), ["19", "18", "17", "16", "15", "14", "13", "12"]);
});

test("every line that is not shown is told, with its reason", () => {
  const none = { seen: 3, over_rate: 0, scrolled: 0, lost: 0, unreadable: 0, too_long: 0 };
  assert.equal(feedWords(none), "3 lines");
  assert.match(feedWords({ ...none, over_rate: 2, lost: 5, too_long: 1 }), /2 of them not kept.* · bpftrace lost 5 more in the kernel · 1 were too long/);
});

test("what a program only remembers things in comes last", () => {
  assert.deepEqual(inOrder([{ name: "@start", helper: true }, { name: "@us", helper: false }]).map(({ name }) => name), ["@us", "@start"]);
});
