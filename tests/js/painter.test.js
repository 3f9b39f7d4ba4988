/** Drawing, by a log of draw calls. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { colorsOf, palette } from "../../static/js/core/colors.js";
import { compile, match } from "../../static/js/core/search.js";
import { FlamePainter } from "../../static/js/render/flamegraph.js";
import { KERNEL, PLACEHOLDER, deepTree, tree } from "./messages.js";

const CELL = 7;
const ink = palette("kind", "light");

class Log {
  calls = [];
  fillRect(x, y, width, height) {
    this.calls.push({ op: "rect", fill: this.fillStyle, x, y, width, height });
  }
  fillText(text, x, y) {
    this.calls.push({ op: "text", fill: this.fillStyle, text, x, y });
  }
  measureText(text) {
    return { width: text.length * CELL };
  }
  createPattern() {
    return "hatch";
  }
}

globalThis.OffscreenCanvas = class {
  getContext() {
    return { beginPath() {}, moveTo() {}, lineTo() {}, stroke() {} };
  }
};

function draw(of, change = {}) {
  const log = new Log();
  const scene = { tree: of, viewport: { start: 0, end: of.total[0] }, ...colorsOf(of, "kind"), palette: ink, matches: null, focusDepth: 0, upward: false, scroll: 0, contentHeight: 90, width: 200, height: 90, ratio: 1, fontFamily: "monospace", ...change };
  new FlamePainter().paint(log, scene);
  return { rects: log.calls.slice(1).filter((c) => c.op === "rect"), texts: log.calls.filter((c) => c.op === "text"), all: log.calls };
}

const sample = tree("main 0\n  read 60\n  vfs 40", { kinds: { vfs: KERNEL }, modules: { read: "libc.so.6" } });
const rectAt = ({ rects }, x, y) => rects.find((r) => r.x === x && r.y === y);

test("an icicle has the root on top, a flame at the bottom", () => {
  assert.deepEqual([rectAt(draw(sample), 0, 0).width, rectAt(draw(sample), 0, 36).width], [199, 119]);
  const flame = draw(sample, { upward: true });
  assert.deepEqual([rectAt(flame, 0, 73).width, rectAt(flame, 0, 37).width], [199, 119]);
});

test("rows are scrolled by whole pixels and those out of sight are not drawn", () => {
  const deep = deepTree(10_000);
  const { rects } = draw(deep, { scroll: 18_000, contentHeight: 180_036 });
  assert.deepEqual(rects.map((r) => r.y).toSorted((a, b) => a - b), [0, 18, 36, 54, 72]);
});

test("at two device pixels per pixel everything is twice as large", () => {
  const { rects, texts } = draw(sample, { ratio: 2 });
  assert.deepEqual([rects[0].height, Math.max(...rects.map((r) => r.width))], [34, 398]);
  assert.ok(texts.every((t) => t.x % 2 === 0));
});

test("callers of the zoomed frame are faded, the rest is not", () => {
  const { rects } = draw(sample, { focusDepth: 2 });
  assert.ok(ink.ancestors.includes(rectAt({ rects }, 0, 0).fill) && ink.ancestors.includes(rectAt({ rects }, 0, 18).fill));
  assert.ok(ink.fills.includes(rectAt({ rects }, 0, 36).fill));
});

test("matches keep their fill inside an outline, others fade", () => {
  const { rects } = draw(sample, { matches: match(sample, [compile("read").regex]) });
  assert.deepEqual(rectAt({ rects }, 0, 36), { op: "rect", fill: ink.marks[0], x: 0, y: 36, width: 119, height: 17 });
  const inside = rectAt({ rects }, 2, 38);
  assert.deepEqual([ink.fills.includes(inside.fill), inside.width, inside.height], [true, 115, 13]);
  assert.ok(ink.unmatched.includes(rectAt({ rects }, 120, 36).fill));
});

test("slivers of one kind that touch are one rectangle, and a match among them is not", () => {
  const crowd = tree("main 0\n" + Array.from({ length: 200 }, (_, i) => `  f${i} 1`).join("\n"));
  const row = (change) => draw(crowd, change).rects.filter((r) => r.y === 36);
  assert.deepEqual(row({}).map((r) => [r.x, r.width]), [[0, 199]]);
  const found = row({ matches: match(crowd, [compile("f77$").regex]) });
  assert.deepEqual(found.map((r) => [r.x, r.fill === ink.marks[0]]).toSorted((a, b) => a[0] - b[0]), [[0, false], [77, true], [78, false]]);
});

test("a match too narrow for an outline is all mark", () => {
  const narrow = tree("wide 1000\nhit 10");
  const { rects } = draw(narrow, { matches: match(narrow, [compile("hit").regex]) });
  assert.deepEqual(rects.filter((r) => r.fill === ink.marks[0]).map((r) => r.width), [2]);
});

test("each term has its colour", () => {
  const { rects } = draw(sample, { matches: match(sample, [compile("read").regex, compile("vfs").regex]) });
  assert.deepEqual([rectAt({ rects }, 0, 36).fill, rectAt({ rects }, 120, 36).fill], [ink.marks[0], ink.marks[1]]);
});

test("matches too narrow to be drawn are marked in their row, once per place", () => {
  const crowd = tree("main 0\n  wide 100000\n  x1 1\n  x2 1\n  x3 1\n    deeper 1");
  const matches = match(crowd, [compile("^(x|deeper)").regex]);
  const marked = draw(crowd, { matches }).rects.filter((r) => r.fill === ink.marks[0]);
  assert.deepEqual(marked.map((r) => [r.x, r.y, r.width]), [[198, 36, 2], [198, 54, 2]]);
});

test("placeholders and cut callees are hatched", () => {
  const cut = tree("main 0\n  [unknown] 50", { kinds: { "[unknown]": PLACEHOLDER }, cuts: [[1, 50, 9]] });
  assert.deepEqual(draw(cut).rects.filter((r) => r.fill === "hatch").map((r) => [r.x, r.y, r.width]), [[0, 36, 99], [100, 36, 99]]);
});

test("names are labels, the module behind them is dimmer, and nothing is wider than its frame", () => {
  const { texts } = draw(sample);
  assert.deepEqual(texts.map((t) => t.text).toSorted(), ["all", "libc.so.6", "main", "read", "vfs"]);
  assert.equal(texts.find((t) => t.text === "read").fill, ink.text);
  const module = texts.find((t) => t.text === "libc.so.6");
  assert.equal(module.fill, ink.textDim);
  assert.ok(module.x + module.text.length * CELL <= 120);
});

test("each fill is set once, however many frames have it", () => {
  const many = tree("main 0\n" + Array.from({ length: 60 }, (_, i) => `  f${i} 3`).join("\n"));
  const fills = draw(many).rects.map((r) => r.fill);
  const changes = fills.filter((fill, i) => fill !== fills[i - 1]).length;
  assert.equal(changes, new Set(fills).size);
});

test("an empty profile draws its background only", () => assert.equal(draw(tree("")).all.length, 1));
