import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { local, relative, utc } from "../../static/js/core/moment.js";

const NOW = Date.UTC(2026, 10, 22, 14, 2, 11);
const plain = (text) => text.replaceAll("\u2009", " ");

test("a distance has one unit and a direction, in the words that the server wrote before (tests/views/test_human.py)", () => {
  const cases = JSON.parse(readFileSync(new URL("../golden/moments.json", import.meta.url)));
  for (const [seconds, words] of cases) assert.equal(plain(relative(NOW - seconds * 1000, NOW)), words);
});

test("the day is left out only today, and the zone never", () => {
  assert.match(local(new Date(NOW), NOW), /^\d\d:\d\d:11 \S+/);
  assert.match(local(new Date(NOW - 3 * 86_400_000), NOW), /^2026-11-1\d \d\d:\d\d:11 \S+/);
});

test("UTC is written out", () => {
  assert.equal(utc(new Date(NOW)), "2026-11-22 14:02:11 UTC");
});
