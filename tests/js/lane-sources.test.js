/** What probes saw, on a host's axis of time: which events are held, which are not, percentiles by steps, the largest processes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { distributionFigure } from "../../static/js/core/distribution-figure.js";
import { EventRecord, merged } from "../../static/js/core/event-record.js";
import { RowsOfPart, countsOver, knownShares, nearest, ratesOver } from "../../static/js/core/event-ticks.js";
import { eventWords, heldWords } from "../../static/js/core/event-words.js";
import { FeedRows } from "../../static/js/core/feed-rows.js";
import { decodeEvents } from "../../static/js/core/feed-wire.js";
import { LaneHistogram, percentileLines } from "../../static/js/core/histogram-lane.js";
import { processLane, processesIn } from "../../static/js/core/process-lane.js";
import { BASE_S, FIELDS, message, pack } from "./feeds.js";

const BASE = BASE_S * 1000;
const TIME = FIELDS[0];

/** A second's batch: `times` in ms after BASE, the entry of the second's number. */
function batch(second, times, before, more = {}) {
  const events = times.map((at, i) => ({ pid: 1 + i, at }));
  const span = { start_ms: BASE + second * 1000, end_ms: BASE + second * 1000 + 1000 };
  return decodeEvents(message(events, { entry: `${second}-0`, began: "5", sent_before: before, ...span, ...more }));
}

function recordOf(...batches) {
  const record = new EventRecord();
  batches.forEach((one) => record.add(one, 1));
  return record;
}

const part = (begin, end) => ({ begin: BASE + begin, end: BASE + end });
const spans = (known) => known.spans.map(({ begin, end }) => [begin - BASE, end - BASE]);

test("quiet time between batches that follow each other is known, and a gap is told in events", () => {
  // Nothing was sent between the first and the second; five events are missing before the third.
  const record = recordOf(batch(0, [1, 2], 10), batch(4, [4500], 12), batch(9, [9001], 18));
  const known = record.known(part(0, 20_000));
  assert.deepEqual(spans(known), [[0, 5000], [9000, 10_000]]);
  assert.deepEqual([known.ms, known.missing, known.lost], [6000, 5, {}]);
  assert.deepEqual([record.known(part(0, 4000)).missing, record.known(part(6000, 7000)).missing], [0, 5]);
  assert.deepEqual(spans(record.known(part(500, 4500))), [[500, 4500]]);
});

test("a probe that began again leaves a gap of which nobody knows how many events it had", () => {
  const known = recordOf(batch(0, [1], 10), batch(3, [3001], 0, { began: "6" })).known(part(0, 9000));
  assert.deepEqual([spans(known), known.missing], [[[0, 1000], [3000, 4000]], 0]);
});

test("a feed that runs and says nothing is known to be quiet", () => {
  const record = recordOf(batch(0, [1], 0));
  assert.deepEqual(spans(record.known(part(0, 9000), part(1000, 6000))), [[0, 6000]]);
  assert.deepEqual(spans(new EventRecord().known(part(0, 9000), part(1000, 6000))), [[1000, 6000]]);
});

test("what came over two ways is held once, in the order of the stream; large entries come in several messages", () => {
  const record = new EventRecord();
  assert.equal(record.add(batch(5, [5001], 3), 2), true);
  assert.equal(record.add(batch(5, [5002], 3), 2), true);
  assert.equal(record.add(batch(5, [5001], 3), 3), false);
  assert.equal(record.add(batch(2, [2001, 2002, 2003], 0), 3), true);
  assert.equal(record.events, 5);
  assert.deepEqual(record.batches(part(0, 9000)).map(({ length }) => length), [3, 1, 1]);
  assert.equal(record.known(part(0, 9000)).missing, 0);
  assert.equal(record.newest.id, "5-0");
});

test("losses of a part are those of its batches", () => {
  const record = recordOf(batch(0, [1], 0, { lost: { "kernel ring full": 3 } }), batch(1, [1001], 1, { lost_before: { "kernel ring full": 3 }, lost: { "kernel ring full": 10 } }));
  assert.deepEqual(record.known(part(0, 900)).lost, { "kernel ring full": 3 });
  assert.deepEqual(record.known(part(0, 9000)).lost, { "kernel ring full": 10 });
});

test("the oldest are let go, and counted", () => {
  const record = new EventRecord(3);
  [batch(0, [1, 2], 0), batch(1, [1001], 2), batch(2, [2001], 3)].forEach((one) => record.add(one, 1));
  assert.deepEqual([record.events, record.letGo], [2, 2]);
  assert.deepEqual(spans(record.known(part(0, 9000))), [[1000, 3000]]);
});

test("long texts are let go sooner", () => {
  const record = new EventRecord(100, 20_000);
  [0, 1, 2].forEach((second) => record.add(decodeEvents(message([{ pid: 1, at: second * 1000, path: "x".repeat(8192) }], { entry: `${second}-0`, start_ms: BASE, end_ms: BASE + 9000 })), 1));
  assert.deepEqual([record.events, record.letGo], [2, 1]);
});

test("spans that touch are one", () => {
  assert.deepEqual(merged([{ begin: 5, end: 7 }, { begin: 0, end: 2 }, { begin: 2, end: 3 }]), [{ begin: 0, end: 3 }, { begin: 5, end: 7 }]);
});

test("events are counted where they are, and rates only where something is known", () => {
  const record = recordOf(batch(0, [0, 400, 999], 0), batch(1, [1500], 3));
  assert.deepEqual([...countsOver(record, "at_ns", part(0, 2000), 4)], [2, 1, 0, 1]);
  assert.deepEqual([...countsOver(record, "at_ns", part(400, 1500), 1)], [2]);
  assert.deepEqual(ratesOver(record, "at_ns", { begin: BASE - 1000, step: 1000, steps: 5 }, part(2000, 2500)), [null, 3, 1, 0, null]);
  assert.deepEqual(knownShares([part(500, 2500)], part(0, 4000), 4), [0.5, 1, 0.5, 0]);
});

test("the nearest event of a step is told, with how many it has", () => {
  const record = recordOf(batch(0, [100, 500, 900], 0));
  const found = nearest(record, TIME, part(0, 1000), BASE + 620);
  assert.deepEqual([found.row, found.events], [1, 3]);
  assert.equal(nearest(record, TIME, part(1000, 2000), BASE + 1500), null);
  assert.match(eventWords(found, FIELDS), /^\d\d:\d\d:\d\d\.500000 PID 2 · Parent 1 · sh · \/bin\/sh$/);
});

test("rows of a part are those in it, its end left out", () => {
  const rows = new FeedRows();
  rows.fill(recordOf(batch(0, [100, 500, 900], 0)).batches(part(0, 1000)), [], new RowsOfPart(part(100, 900), TIME));
  assert.deepEqual(Array.from({ length: rows.length }, (_, i) => rows.at(i).row), [0, 1]);
});

test("it is told what is not held, and why", () => {
  const known = (more) => ({ spans: [part(0, 1000)], ms: 1000, missing: 0, lost: {}, ...more });
  const of = (more) => heldWords({ events: 7, known: known(), part: part(0, 1000), letGo: 0, cut: false, ...more });
  assert.deepEqual(of({}), ["7 events of this part"]);
  assert.match(of({ part: part(0, 5000) })[1], /^Known are 1.s of 5.s: .* to .*\. Of the rest nothing is held/);
  assert.match(of({ known: known({ spans: [], ms: 0 }) })[1], /^Nothing is known of it: nobody watched then/);
  assert.deepEqual(of({ known: known({ missing: 3, lost: { "kernel ring full": 1 } }), letGo: 5 }).slice(1), ["3 events came that this page does not hold", "1 event lost on the host: kernel ring full", "5 older ones of this feed were let go by the page"]);
});

const HISTOGRAM = {
  edges: [0, 2, 4, 8], texts: ["0 ns", "2 ns", "4 ns", "1 µs"], linear: false, percentiles: [["p50", 0.5]], looked_from_ms: 0, known_until_ms: 4000,
  steps: [{ at_ms: 0, first: 1, counts: [3, 1] }, { at_ms: 2000, first: 3, counts: [1] }],
};
const AXIS = { begin: 0, step: 2000, steps: 3 };

test("percentiles stand in their buckets by steps, and are ranges: more is not known", () => {
  const histogram = new LaneHistogram(HISTOGRAM, AXIS);
  const columns = histogram.columns(AXIS);
  assert.deepEqual(columns.map((counts) => counts && [...counts]), [[0, 3, 1, 0], [0, 0, 0, 1], null]);
  const told = (counts) => histogram.percentiles(counts).map(({ name, found }) => `${name} ${histogram.text(found)}`);
  assert.deepEqual(told(columns[0]), ["p50 2–4 ns", "max 4 ns–1 µs"]);
  assert.deepEqual(told(columns[1]), ["p50 1 µs or more", "max 1 µs or more"]);
  assert.deepEqual(told(columns[2]), ["p50 –", "max –"]);
  const { low, high, lines } = percentileLines(histogram, columns);
  assert.deepEqual([low, high], [1, 4]);
  assert.deepEqual(lines.map(({ name, values }) => [name, values.map((value) => value && Math.floor(value))]), [["p50", [1, 3, null]], ["max", [2, 3, null]]]);
  assert.deepEqual(percentileLines(histogram, [null, null]).low, 0);
});

test("what comes is added to the step it is of, once, and parts are sums of steps", () => {
  const histogram = new LaneHistogram(HISTOGRAM, AXIS);
  const told = (second, entry) => ({ entry, start_ms: second * 1000, end_ms: second * 1000 + 1000, rows: [{ labels: ["a"], first: 0, counts: [2] }, { labels: ["b"], first: 1, counts: [5] }], examples: [], lost_now: {} });
  assert.deepEqual([histogram.add(told(3, "3-0")), histogram.add(told(4, "4-0")), histogram.add(told(4, "4-0")), histogram.add(told(5, "5-0"))], [false, true, false, true]);
  assert.deepEqual([...histogram.columns(AXIS)[2]], [4, 10, 0, 0]);
  assert.deepEqual([...histogram.total({ begin: 2000, end: 6000 })], [4, 10, 0, 1]);
  assert.deepEqual([histogram.covers(AXIS, false), histogram.covers({ ...AXIS, begin: 2000 }, true), histogram.covers({ ...AXIS, begin: 2000 }, false), histogram.covers({ ...AXIS, step: 1000 }, true)], [true, true, false, false]);
});

test("a distribution shows the buckets that were used and one beside them", () => {
  const figure = { data: [{ type: "bar" }], layout: { xaxis: { tickvals: [0] }, yaxis: {} } };
  const { data, layout } = distributionFigure(figure, Float64Array.of(0, 0, 0, 6, 2, 0, 0), (bucket) => `bucket ${bucket}`, { text: "", grid: "", surface: "", bar: "#00f" });
  assert.deepEqual([data[0].x, data[0].y], [[2.5, 3.5, 4.5, 5.5], [0, 6, 2, 0]]);
  assert.match(data[0].text[1], /^bucket 3: 6, 75.0/);
  assert.deepEqual(layout.xaxis.range, [2, 6]);
});

const COUNTS = [
  { name: "at_ns", shows: "time", title: "Time" }, { name: "pid", shows: "pid", title: "PID" }, { name: "comm", shows: "comm", title: "Name" },
  { name: "sent", shows: "bytes", title: "Sent" }, { name: "received", shows: "bytes", title: "Received" }, { name: "sends", shows: "number", title: "Sends" },
];

/** @param {[number, string, number[]][]} rows pid, name, values  @param {string[]} columns */
function counts(second, rows, columns = ["sent", "received", "sends"]) {
  const names = [...new Set(rows.map(([, name]) => name))];
  const header = { events: rows.length, base_s: BASE_S, hidden: [], texts: { comm: names }, entry: `${second}-0`, began: "5", sent_before: second * 100, start_ms: BASE + second * 1000, end_ms: BASE + second * 1000 + 1000, lost: {}, lost_before: {} };
  return decodeEvents(pack(header, [["at_ns", "f64", rows.map(() => second * 1e9 + 1e9)], ["pid", "u32", rows.map(([pid]) => pid)], ["comm", "u32", rows.map(([, name]) => names.indexOf(name))], ...columns.map((column, i) => [column, "u32", rows.map(([, , values]) => values[i])])]));
}

test("the largest processes stand on each other, the others as one; a row is of the second before it", () => {
  const record = recordOf(counts(0, [[7, "db", [100, 50, 1]], [8, "web", [10, 0, 99]]]), counts(1, [[7, "db", [0, 50, 1]], [9, "a", [30, 0, 1]], [10, "b", [5, 0, 1]], [11, "c", [1, 1, 1]]]));
  const lane = processLane({ probe: "socket_bytes", title: "Network bytes", fields: COUNTS, record, tail: null });
  assert.deepEqual([lane.unit, lane.shape], ["bytes/s", "stack"]);
  const data = { begin: BASE, step: 1000, steps: 3 };
  assert.deepEqual(lane.parts(data).map(({ name, values }) => [name, values]), [["db 7", [150, 50, null]], ["a 9", [0, 30, null]], ["web 8", [10, 0, null]], ["others", [0, 7, null]]]);
  assert.equal(new Set(lane.parts(data).map(({ tone }) => tone)).size, 4);
  assert.deepEqual(processesIn(record, COUNTS, part(0, 1000)).map(({ pid, values }) => [pid, values]), [[7, [100, 50, 1]], [8, [10, 0, 99]]]);
});

test("the page cache has one ratio of all processes, and none where nothing was read", () => {
  const fields = [...COUNTS.slice(0, 3), { name: "pages", shows: "number", title: "Pages" }, { name: "missed", shows: "number", title: "Missed" }];
  const columns = ["pages", "missed"];
  const record = recordOf(counts(0, [[7, "db", [90, 10]], [8, "web", [10, 0]]], columns), counts(1, [[7, "db", [4, 10]]], columns), counts(2, [[7, "db", [0, 3]]], columns));
  const [hits] = processLane({ probe: "page_cache", title: "Page cache", fields, record, tail: null }).parts({ begin: BASE, step: 1000, steps: 4 });
  assert.deepEqual([hits.name, hits.values], ["hits", [90, 0, null, null]]);
});
