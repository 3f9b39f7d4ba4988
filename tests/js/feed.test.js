/** Events of a feed: how they are read, kept, filtered, sorted, and what is told of those that are missing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "../../static/js/core/feed-filter.js";
import { FollowedProcess } from "../../static/js/core/feed-follow.js";
import { FeedLosses } from "../../static/js/core/feed-losses.js";
import { FeedRows } from "../../static/js/core/feed-rows.js";
import { FeedStore } from "../../static/js/core/feed-store.js";
import { decodeEvents } from "../../static/js/core/feed-wire.js";
import { BASE_S, FIELDS, message, pack } from "./feeds.js";

const field = (name) => FIELDS.find((one) => one.name === name);
const batch = (events, more, hidden) => decodeEvents(message(events, more, hidden));
const many = (count, first = 1) => batch(Array.from({ length: count }, (_, i) => ({ pid: first + i, at: i, comm: `c${i % 3}` })));
const pids = (rows) => Array.from({ length: rows.length }, (_, i) => rows.at(i).batch.value(field("pid"), rows.at(i).row));
const where = (name, text) => ({ field: field(name), test: parseFilter(text, field(name).shows).test });

function rowsOf(batches, filters = [], followed = null) {
  const rows = new FeedRows();
  rows.fill(batches, filters, followed);
  return rows;
}

test("a message's columns are read as they were sent", () => {
  const read = batch([{ pid: 7, at: 1.5, comm: "a\nb", path: "😀", took: 2e9 }]);
  assert.equal(read.length, 1);
  assert.equal(read.value(field("at_ns"), 0), BASE_S * 1000 + 1.5);
  assert.deepEqual(["pid", "comm", "path", "took_ns"].map((name) => read.value(field(name), 0)), [7, "a\nb", "😀", 2e9]);
});

test("a hidden column has no values", () => {
  const read = batch([{ pid: 7 }], {}, ["path"]);
  assert.equal(read.value(field("path"), 0), null);
  assert.deepEqual(pids(rowsOf([read], [where("path", "sh")])), [], "nobody knows whether it fits");
});

test("damaged messages are told", () => {
  const whole = message([{ pid: 7 }]);
  assert.throws(() => decodeEvents(whole.slice(0, 40)), /cut short/);
  assert.throws(() => decodeEvents(whole.slice(0, -8)), /cut short/);
  assert.throws(() => decodeEvents(pack({ events: 0, texts: {} }, [], "WPT1")), /do not begin with WPF1/);
  assert.throws(() => decodeEvents(message([], { schema: 2 })), /schema 2/);
  assert.throws(() => decodeEvents(message([{ pid: 7 }], { events: 2 })), /1 values of 2/);
  assert.throws(() => decodeEvents(pack({ events: 1, texts: { comm: [] } }, [["comm", "u32", [0]]])), /texts that were not sent/);
});

test("the newest events are kept, whole batches at a time, and what is let go is counted", () => {
  const store = new FeedStore(25);
  assert.deepEqual([many(10), many(10), many(4), many(7), many(40)].map((one) => store.add(one)), [0, 0, 0, 1, 3]);
  assert.deepEqual([store.kept, store.came, store.letGo, store.batches.length], [40, 71, 31, 1]);
});

test("long texts are let go sooner", () => {
  const store = new FeedStore(1000, 20_000);
  const long = () => batch([{ pid: 1, path: "x".repeat(8192) }]);
  assert.deepEqual([long(), long(), long()].map((one) => store.add(one)), [0, 0, 1]);
});

test("filters of texts: words, all of it, expressions, and the other way round", () => {
  const fits = (text, value) => parseFilter(text, "path").test(value);
  assert.deepEqual(["ETC", "=/etc/passwd", "/^.etc/", "!tmp", "!/pass$/"].map((text) => fits(text, "/etc/passwd")), [true, true, true, true, true]);
  assert.deepEqual(["tmp", "=/etc", "/ETC/", "!etc", "!=/etc/passwd"].map((text) => fits(text, "/etc/passwd")), [false, false, false, false, false]);
  assert.equal(parseFilter(" ", "path").test, null);
  assert.match(parseFilter("/(/", "path").error, /Not a valid pattern/);
  assert.match(parseFilter("//", "path").error, /empty expression/);
});

test("filters of numbers: one, several, ranges, units", () => {
  const fits = (text, shows, value) => parseFilter(text, shows).test(value);
  assert.deepEqual(["7", "3,7", "5..10", "..7", ">=7", "<8", "!8", "=7"].map((text) => fits(text, "pid", 7)), Array(8).fill(true));
  assert.deepEqual(["8", "3,9", "8..10", "..6", ">7", "<=6", "!7", "!5..10"].map((text) => fits(text, "pid", 7)), Array(8).fill(false));
  assert.ok(fits(">1.5ms", "duration", 1.6e6) && !fits(">1.5ms", "duration", 1.5e6) && fits("1us..2µs", "duration", 1500));
  assert.ok(fits("4KiB..1m", "bytes", 4096) && fits("<1kb", "bytes", 999));
  for (const [text, shows] of [["five", "pid"], ["5ms", "pid"], ["5..x", "number"], [">", "pid"], ["3,", "pid"]]) {
    assert.match(parseFilter(text, shows).error, /No number/, text);
    assert.equal(parseFilter(text, shows).test, null);
  }
});

test("rows that fit are shown, as they come and as they go", () => {
  const rows = rowsOf([many(10), many(10, 11)], [where("comm", "=c0"), where("pid", ">3")]);
  assert.deepEqual(pids(rows), [4, 7, 10, 11, 14, 17, 20]);
  assert.equal(rows.add(many(3, 21)), 1);
  const [number] = [rows.numberOf(3)];
  assert.equal(rows.drop(1), 3);
  assert.deepEqual(pids(rows), [11, 14, 17, 20, 21]);
  assert.equal(rows.indexOf(number), 0, "a row keeps its number");
  assert.equal(rows.indexOf(number - 1), -1);
});

test("nothing fits, and no batch at all, are no rows", () => {
  assert.equal(rowsOf([many(5)], [where("pid", "99")]).length, 0);
  assert.equal(rowsOf([]).length, 0);
  const gone = rowsOf([many(5)]);
  assert.equal(gone.drop(1), 5);
  assert.equal(gone.length, 0);
});

test("rows are sorted by any column, equal ones by time", () => {
  const rows = rowsOf([batch([{ pid: 3, comm: "b" }, { pid: 10, comm: "a" }]), batch([{ pid: 2, comm: "b" }])]);
  rows.sort(field("pid"), false);
  assert.deepEqual(pids(rows), [2, 3, 10]);
  rows.sort(field("pid"), true);
  assert.deepEqual(pids(rows), [10, 3, 2]);
  rows.sort(field("comm"), false);
  assert.deepEqual(pids(rows), [10, 3, 2]);
  rows.sort(null, false);
  assert.deepEqual(pids(rows), [3, 10, 2]);
});

test("a time is found", () => {
  const rows = rowsOf([many(10), batch([{ pid: 11, at: 20 }])]);
  const since = (ms) => rows.firstSince(BASE_S * 1000 + ms, field("at_ns"));
  assert.deepEqual([since(-5), since(4), since(4.5), since(11), since(99)], [0, 4, 5, 10, 10]);
});

test("a process is followed with what it starts, and what that starts", () => {
  const first = batch([{ pid: 5, ppid: 1 }, { pid: 6, ppid: 5 }, { pid: 7, ppid: 6 }, { pid: 8, ppid: 1 }]);
  const followed = new FollowedProcess(5, FIELDS);
  const rows = rowsOf([first], [], followed);
  assert.deepEqual(pids(rows), [5, 6, 7]);
  rows.add(batch([{ pid: 9, ppid: 7 }, { pid: 8, ppid: 1 }, { pid: 6, ppid: 1 }]));
  assert.deepEqual(pids(rows), [5, 6, 7, 9, 6]);
  assert.equal(followed.size, 4);
  rows.fill([first], [where("pid", "!6")], followed);
  assert.deepEqual(pids(rows), [5, 7]);
});

test("without a parent's column it is the process alone", () => {
  const followed = new FollowedProcess(5, FIELDS.filter(({ name }) => name !== "ppid"));
  assert.equal(followed.knowsChildren, false);
  assert.deepEqual(pids(rowsOf([batch([{ pid: 5 }, { pid: 6, ppid: 5 }])], [], followed)), [5]);
});

test("losses are told where and why, from when the page was opened", () => {
  const losses = new FeedLosses();
  losses.connected();
  losses.take({ entry: "1-0", began: "5", sent_before: 0, events: 3, lost_before: { "kernel ring full": 100 }, lost: { "kernel ring full": 104 } });
  losses.take({ entry: "2-0", began: "5", sent_before: 3, events: 3, lost_before: {}, lost: { "kernel ring full": 107, odd: 2 } });
  losses.dropped({ batches: 2, events: 50 });
  const told = Object.fromEntries(losses.rows(9, 200).map(({ where: at, events }) => [at, events]));
  assert.deepEqual(told, { kernel: 7, host: 2, server: 50, "this page": 9 });
  assert.equal(losses.total, 59, "what was shown before is not lost");
});

test("what came while the page was not connected is counted, what comes twice is not taken", () => {
  const losses = new FeedLosses();
  const head = (entry, sent_before, events, lost = {}) => ({ entry, began: "5", sent_before, events, lost_before: {}, lost });
  losses.connected();
  assert.ok(losses.take(head("9-0", 0, 3, { odd: 1 })));
  assert.ok(losses.take(head("10-0", 3, 4, { odd: 1 })));
  assert.ok(losses.take(head("10-0", 3, 4, { odd: 1 })), "a batch of several messages");
  losses.connected();
  assert.equal(losses.take(head("9-0", 0, 3)), false);
  assert.equal(losses.take(head("10-0", 3, 4)), false);
  assert.ok(losses.take(head("10-1", 31, 5, { odd: 2 })));
  assert.ok(losses.take(head("11-0", 36, 5, { odd: 2 })));
  assert.deepEqual(losses.rows().map(({ where: at, events }) => [at, events]), [["host", 3], ["connection", 20]]);
});

test("a feed that began anew while the page was away misses nothing that can be counted", () => {
  const losses = new FeedLosses();
  losses.connected();
  losses.take({ entry: "1-0", began: "5", sent_before: 0, events: 3, lost_before: {}, lost: {} });
  losses.connected();
  losses.take({ entry: "2-0", began: "6", sent_before: 40, events: 3, lost_before: {}, lost: {} });
  assert.equal(losses.total, 0);
});
