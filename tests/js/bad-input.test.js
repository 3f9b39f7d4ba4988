/** What no profile should be, and some are: the whole of the pure modules meets it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Answers } from "../../static/js/core/answers.js";
import { colorsOf, palette } from "../../static/js/core/colors.js";
import { details, sentence } from "../../static/js/core/describe.js";
import { share, value } from "../../static/js/core/format.js";
import { fit, printable } from "../../static/js/core/labels.js";
import { Layout, visibleFrames } from "../../static/js/core/layout.js";
import { legendOf } from "../../static/js/core/legend.js";
import { COLORS } from "../../static/js/core/palettes.js";
import { nodeOf, pathOf } from "../../static/js/core/path.js";
import { onFunction } from "../../static/js/core/presets.js";
import { match } from "../../static/js/core/search.js";
import { describeStep, formatTrail, parseTrail } from "../../static/js/core/trail.js";
import { transform } from "../../static/js/core/transforms.js";
import { readTree } from "../../static/js/core/tree.js";
import { WireError, decode } from "../../static/js/core/wire.js";
import { deepTree, message, messageOf, tree } from "./messages.js";

const HOSTILE = ["<img src=x onerror=hacked()>", "\u202egnp.exe", "\u2066abc\u2069", "שלום", "🔥🔥", "x".repeat(10_000), "", "a;b\\c", "\u0000\u0007", "=x", "%kernel"];
const hostile = readTree(messageOf([{ depth: 0, name: "all", self: 0 }, ...HOSTILE.map((name) => ({ depth: 1, name, self: 3 }))]));

for (const [i, name] of HOSTILE.entries()) {
  test(`the name ${JSON.stringify(name.slice(0, 20))} is found, shown and stepped on like any other`, () => {
    const node = i + 1;
    assert.equal(nodeOf(hostile, pathOf(hostile, node)), node);
    assert.ok(!/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/.test(printable(name)) && printable(name) !== "");
    for (const cells of [0, 3, 5, 80]) assert.ok([...fit(printable(name), cells)].length <= cells);
    assert.ok(sentence(hostile, node, 0).length > 0);
    for (const step of [`drop=${name}`, ...onFunction(`=${name}`, name, pathOf(hostile, node)).flatMap(([steps]) => steps)]) {
      assert.deepEqual(parseTrail(formatTrail([step])), [step]);
      const { tree: left, taken } = transform(hostile, [step]);
      assert.equal(left.total[0] + taken[0].dropped, hostile.total[0]);
      assert.equal(describeStep(step), printable(describeStep(step)));
    }
  });
}

test("a million callees of one caller are ordinary", () => {
  const count = 1_000_000;
  const nodes = [{ depth: 0, name: "all", self: 0 }, { depth: 1, name: "main", self: 0 }];
  for (let i = 0; i < count; i++) nodes.push({ depth: 2, name: `f${i % 5000}`, self: 1 });
  const wide = readTree(messageOf(nodes));
  assert.equal(wide.total[0], count);
  const seen = visibleFrames(wide, { start: 0, end: count }, 1400, 0, 9, new Layout());
  assert.ok(seen.count <= 2 + 1400);
  assert.equal(match(wide, [/^f4999$/]).count, 200);
  const answers = new Answers(decode(messageOf(nodes)));
  assert.equal(answers.table(["hide=main"]).frame.length, 5000);
  assert.equal(answers.transform(["drop~9$"]).taken[0].dropped, 100_000);
  for (const name of COLORS) assert.ok(colorsOf(wide, name).colors.length > 0);
});

test("a stack of ten thousand frames can be drawn, grouped, coloured and named", () => {
  const deep = deepTree(10_000);
  assert.equal(visibleFrames(deep, { start: 0, end: 2 }, 1400, 9_000, 9_040, new Layout()).count, 41);
  assert.equal(nodeOf(deep, pathOf(deep, 10_000)), 10_000);
  for (const step of ["group:namespace", "recursion", "collapse=f0", "invert"]) assert.equal(transform(deep, [step]).tree.total[0], 2);
  for (const name of COLORS) legendOf(deep, name);
});

test("a tree of one node and one of none have all that others have", () => {
  for (const text of ["", "only 0", "only 7"]) {
    const small = tree(text);
    for (const name of COLORS) {
      colorsOf(small, name);
      legendOf(small, name);
    }
    for (const step of ["invert", "group:module", "recursion"]) assert.equal(transform(small, [step]).tree.total[0], small.total[0]);
    assert.ok(sentence(small, 0, 0).length > 0);
    assert.equal(new Answers(decode(message(text))).table([]).frame.length, small.length - 1);
  }
});

test("values of 0 and of 2^63 − 1 keep their sum, their share and their words", () => {
  const most = 2 ** 63; // the nearest double
  const huge = readTree(messageOf([{ depth: 0, name: "all", self: 0 }, { depth: 1, name: "much", self: most }, { depth: 1, name: "none", self: 0 }], { self: "f64" }));
  assert.equal(huge.total[0], most);
  assert.deepEqual([share(huge.total[1], huge.whole), share(huge.total[2], huge.whole)], ["100\u2009%", "0\u2009%"]);
  assert.match(value(most, "nanoseconds"), /h/);
  assert.equal(details(huge, 2, 0).total, "0 samples");
  assert.equal(visibleFrames(huge, { start: 0, end: most }, 1400, 0, 5, new Layout()).count, 2);
  assert.equal(transform(huge, ["drop=much"]).taken[0].dropped, most);
});

test("a message cut short anywhere is damaged, and says so", () => {
  const whole = message("main 1\n  read 2", { cuts: [[1, 5, 2]] });
  for (let length = 0; length < whole.byteLength; length += 7) assert.throws(() => readTree(whole.slice(0, length)), WireError, String(length));
});

test("a message of another schema is refused with what to do", () => {
  assert.throws(() => readTree(message("main 1", { header: { schema: 99 } })), /schema 99; this page reads schema \d+\. Reload/);
});

test("fills are there for every palette in both themes", () => {
  for (const name of COLORS) for (const theme of ["light", "dark"]) assert.ok(palette(name, theme).fills.every((fill) => /^#[0-9a-f]{6}$/.test(fill)));
});
