import assert from "node:assert/strict";
import { test } from "node:test";

import { local, relative, utc } from "../../static/js/core/moment.js";

const NOW = Date.UTC(2026, 10, 22, 14, 2, 11);
const plain = (text) => text.replaceAll("\u2009", " ");

test("a distance has one unit and a direction", () => {
  const cases = [
    [0, "now"],
    [1999, "now"],
    [3000, "3 s ago"],
    [59_999, "59 s ago"],
    [60_000, "1 min ago"],
    [3 * 3_600_000 + 5, "3 h ago"],
    [50 * 3_600_000, "2 d ago"],
    [-2 * 3_600_000, "in 2 h"],
  ];
  for (const [ms, expected] of cases) assert.equal(plain(relative(NOW - ms, NOW)), expected);
});

test("the day is left out only today, and the zone never", () => {
  assert.match(local(new Date(NOW), NOW), /^\d\d:\d\d:11 \S+/);
  assert.match(local(new Date(NOW - 3 * 86_400_000), NOW), /^2026-11-1\d \d\d:\d\d:11 \S+/);
});

test("UTC is written out", () => {
  assert.equal(utc(new Date(NOW)), "2026-11-22 14:02:11 UTC");
});
