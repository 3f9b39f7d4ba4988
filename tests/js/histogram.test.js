/** Histograms in the page: the same buckets and percentiles as on the server; steps without gaps; nothing twice. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Buckets, HistogramSeries, sum } from "../../static/js/core/histogram.js";
import { histogramFigure } from "../../static/js/core/histogram-figure.js";

const LOG = new Buckets([0, 2, 4, 8, 16, 32, 64, 128], false);

function told(second, rows, more = {}) {
  return { entry: `${second}000-0`, start_ms: second * 1000, end_ms: second * 1000 + 1000, rows, examples: [], lost_now: {}, ...more };
}

test("percentiles are those of profiler/core/histogram.py", () => {
  const counts = [0, 0, 97, 0, 0, 3, 0, 0];
  assert.deepEqual([LOG.percentile(counts, 0.97).low, LOG.percentile(counts, 0.97).high], [4, 8]);
  assert.deepEqual([LOG.percentile(counts, 0.98).low, LOG.percentile(counts, 0.98).high], [32, 64]);
  assert.deepEqual(LOG.percentile([0, 0, 0, 0, 0, 0, 0, 5], 0.5), { low: 128, value: 128, high: Infinity });
  assert.deepEqual(new Buckets([0, 10], true).percentile([2, 2], 0.25), { low: 0, value: 2.5, high: 10 });
  assert.equal(LOG.percentile(new Array(8).fill(0), 0.5), null);
});

test("a value stands in its bucket on the axis", () => {
  for (const value of [0, 1, 2, 3, 5, 100, 127, 128, 1e9]) assert.equal(Math.floor(LOG.place(value)), LOG.index(value));
  assert.equal(LOG.place(4), 2);
  assert.ok(Math.abs(LOG.place(Math.sqrt(32)) - 2.5) < 1e-9);
});

test("rows add up, apart and together, and seconds without events are there", () => {
  const series = new HistogramSeries(8, 1000, 300);
  series.add(told(100, [{ labels: ["vda", "read"], first: 2, counts: [3, 1] }, { labels: ["vda", "write"], first: 0, counts: [5] }]));
  series.add(told(103, [{ labels: ["vda", "read"], first: 7, counts: [2] }]));
  assert.deepEqual(series.rows().map(({ labels, events }) => [labels[1], events]), [["read", 6], ["write", 5]]);
  const { key } = series.rows()[0];
  assert.deepEqual(series.columns(null).map(({ counts }) => sum(counts)), [9, 0, 0, 2]);
  assert.deepEqual(series.columns(key).map(({ counts }) => sum(counts)), [4, 0, 0, 2]);
  assert.deepEqual([...series.total(key)], [0, 0, 3, 1, 0, 0, 0, 2]);
  assert.deepEqual([...series.total(null, { from: 103_000, to: 104_000 })], [0, 0, 0, 0, 0, 0, 0, 2]);
  assert.equal(series.events, 11);
});

test("what comes again over another connection is not counted again, and old seconds leave", () => {
  const series = new HistogramSeries(8, 1000, 3);
  const first = told(100, [{ labels: [], first: 0, counts: [1] }], { lost_now: { "table full": 2 } });
  assert.equal(series.add(first), true);
  assert.equal(series.add(first), false);
  assert.deepEqual([series.events, series.lost], [1, [["table full", 2]]]);
  for (let second = 101; second < 110; second++) series.add(told(second, [{ labels: [], first: 0, counts: [1] }]));
  assert.deepEqual(series.columns(null).map(({ at }) => at), [107_000, 108_000, 109_000]);
  assert.equal(sum(series.total(null)), 3);
});

test("a bucket and a second have their examples, the slowest first", () => {
  const series = new HistogramSeries(8, 1000, 300);
  const example = (at, value, label) => [at, value, 7, 8, "web", [label]];
  series.add(told(100, [{ labels: ["a"], first: 3, counts: [2] }, { labels: ["b"], first: 5, counts: [1] }], { examples: [example(100_100, 9, "a"), example(100_200, 15, "a"), example(100_300, 40, "b")] }));
  series.add(told(101, [{ labels: ["a"], first: 3, counts: [1] }], { examples: [example(101_500, 12, "a")] }));
  const values = (wanted) => series.examples(LOG.index, wanted).map(({ value }) => value);
  assert.deepEqual(values({ key: null, low: 3, high: 3 }), [15, 12, 9]);
  assert.deepEqual(values({ key: null, low: 3, high: 3, from: 100_000, to: 101_000 }), [15, 9]);
  assert.deepEqual(values({ key: "b", low: 0 }), [40]);
});

test("the figure shows the buckets that were used, and lines in their buckets", () => {
  const series = new HistogramSeries(8, 1000, 300);
  series.add(told(100, [{ labels: [], first: 3, counts: [4] }]));
  const figure = { data: [{ type: "heatmap" }, { type: "scatter", line: { dash: "dot" } }], layout: { xaxis: {}, yaxis: {} } };
  const ink = { text: "#000", grid: "#ccc", surface: "#fff", heat: ["#eee", "#f00"], lines: ["#00f"] };
  const words = { percentiles: [["p50", 0.5]], stepMs: 1000, range: (bucket) => `bucket ${bucket}`, clock: String };
  const { data, layout } = histogramFigure(figure, series.columns(null), LOG, words, ink);
  assert.deepEqual([data[0].y, data[0].z.map(([one]) => one)], [[2.5, 3.5, 4.5], [null, Math.log2(5), null]]);
  assert.equal(data[0].text[1][0], "100000 · bucket 3 · 4");
  assert.ok(data[1].y[0] > 3 && data[1].y[0] < 4);
  assert.deepEqual([data[1].line, layout.yaxis.range], [{ dash: "dot", color: "#00f" }, [2, 5]]);
});
