/** What a feed's page shows, writes into files, and has in its URL. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { cellText, clock, parseClock, wholeText } from "../../static/js/core/feed-cells.js";
import { csvOf, jsonOf, ROWS_AT_ONCE } from "../../static/js/core/feed-export.js";
import { FeedRows } from "../../static/js/core/feed-rows.js";
import { formatState, parseState } from "../../static/js/core/feed-state.js";
import { decodeEvents } from "../../static/js/core/feed-wire.js";
import { BASE_S, FIELDS, message } from "./feeds.js";

function rowsOf(events, hidden = []) {
  const rows = new FeedRows();
  rows.fill([decodeEvents(message(events, {}, hidden))], [], null);
  return rows;
}

test("cells are short and whole values are beside them", () => {
  const path = { name: "path", shows: "path" };
  assert.equal(cellText("a\nb\u202ec", path), "a\ufffdb\ufffdc");
  assert.equal(cellText("x".repeat(8192), path).length, 301);
  assert.equal(wholeText("x".repeat(8192), path).length, 8192);
  assert.deepEqual([cellText("", path), cellText(null, path)], ["", "hidden"]);
  assert.match(wholeText(null, path), /policy/);
  assert.equal(cellText(1_500_000, { shows: "duration" }), "1.50\u2009ms");
  assert.equal(cellText(4096, { shows: "bytes" }), "4\u2009KiB");
  assert.equal(cellText(1234, { shows: "pid" }), "1234");
  assert.deepEqual(["pid", "duration", "number"].map((shows) => cellText(0, { shows })), ["–", "–", "0"]);
  assert.equal(wholeText(0, { shows: "duration" }), "not known");
  assert.equal(cellText("<b>", path), "<b>", "text is text");
});

test("times are local, to the microsecond", () => {
  const at = new Date(2026, 10, 23, 14, 2, 11).getTime();
  assert.equal(clock(at + 0.25), "14:02:11.000250");
  assert.equal(clock(NaN), "no time");
  assert.equal(clock(9e20), "no time");
});

test("a time of day is on the day of what is newest, or the evening before it", () => {
  const newest = new Date(2026, 10, 23, 14, 2, 11).getTime();
  assert.equal(parseClock("14:02", newest), new Date(2026, 10, 23, 14, 2).getTime());
  assert.equal(parseClock("9:00:01.5", newest), new Date(2026, 10, 23, 9, 0, 1, 500).getTime());
  assert.equal(parseClock("23:59", new Date(2026, 10, 23, 0, 1).getTime()), new Date(2026, 10, 22, 23, 59).getTime());
  for (const wrong of ["", "noon", "24:00", "12:60", "12:00:60", "12"]) assert.equal(parseClock(wrong, newest), null, wrong);
});

test("a CSV file has plain values, and no formula begins in it", () => {
  const rows = rowsOf([{ pid: 7, at: 1.5, comm: "=1+1", path: 'a,"b"\n', took: 1500 }]);
  assert.equal([...csvOf(rows, FIELDS)].join(""), `at_ns,pid,ppid,comm,path,took_ns\r\n${new Date(BASE_S * 1000).toISOString().slice(0, 19)}.001500Z,7,1,'=1+1,"a,""b""\n",1500\r\n`);
  for (const text of ["+1", "-1", "@SUM(A1)", "\tx", "\rx"]) assert.match([...csvOf(rowsOf([{ pid: 1, comm: text }]), FIELDS)].join(""), /,"?'[+\-@\t\r]/);
});

test("a JSON file is JSON, hidden columns are null, and pieces are small", () => {
  const events = Array.from({ length: 2 * ROWS_AT_ONCE + 1 }, (_, i) => ({ pid: i, comm: "a\u2028b" }));
  const pieces = [...jsonOf(rowsOf(events, ["path"]), FIELDS)];
  const read = JSON.parse(pieces.join(""));
  assert.equal(read.length, events.length);
  assert.deepEqual([read[3].pid, read[3].comm, read[3].path], [3, "a\u2028b", null]);
  assert.ok(pieces.length >= 3);
  assert.deepEqual(JSON.parse([...jsonOf(rowsOf([]), FIELDS)].join("")), []);
});

test("the state is the URL, and the probe's parameters stay in it", () => {
  const state = { filters: { comm: "nginx", path: "/^a&b/" }, hidden: ["ppid"], pid: 812, at: Date.parse("2026-05-27T14:02:11.5Z") };
  const search = formatState(state, "?least_us=5&in-comm=old&pid=3");
  assert.deepEqual(parseState(search, FIELDS), state);
  assert.equal(new URLSearchParams(search).get("least_us"), "5");
  assert.equal(new URLSearchParams(search).get("pid"), "3");
  assert.equal(formatState({ filters: { comm: " " }, hidden: [], pid: null }, ""), "");
  assert.deepEqual(parseState("?in-nothing=1&hide-columns=x,comm&of-process=-3", FIELDS), { filters: {}, hidden: ["comm"], pid: null, at: null });
  assert.equal(parseState("?at-time=soon", FIELDS).at, null);
});
