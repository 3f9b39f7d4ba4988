/** Drawing: what its pixels show, and the log of the calls that draw names. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { colorsOf, palette } from "../../static/js/core/colors.js";
import { compile, match } from "../../static/js/core/search.js";
import { FlamePainter } from "../../static/js/render/flamegraph.js";
import { KERNEL, PLACEHOLDER, deepTree, tree } from "./messages.js";
import { FakeOffscreenCanvas, Picture } from "./picture.js";

const CELL = 7;
const ink = palette("kind", "light");
globalThis.OffscreenCanvas = FakeOffscreenCanvas;

function draw(of, change = {}) {
  const scene = { tree: of, viewport: { start: 0, end: of.total[0] }, ...colorsOf(of, "kind"), palette: ink, matches: null, focusDepth: 0, upward: false, scroll: 0, contentHeight: 90, width: 200, height: 90, ratio: 1, fontFamily: "monospace", ...change };
  const picture = new Picture(scene.width * scene.ratio, scene.height * scene.ratio);
  new FlamePainter().paint(picture, scene);
  return picture;
}

/** What is not background in one line of pixels. */
const frames = (picture, y) => picture.line(y).filter(({ fill }) => fill !== ink.surface);
const places = (picture, y) => frames(picture, y).map(({ x, width }) => [x, width]);
const texts = (picture) => picture.calls.filter(({ op }) => op === "text");

const sample = tree("main 0\n  read 60\n  vfs 40", { kinds: { vfs: KERNEL }, modules: { read: "libc.so.6" } });

test("an icicle has the root on top, a flame at the bottom", () => {
  const icicle = draw(sample);
  assert.deepEqual([places(icicle, 0), places(icicle, 36)], [[[0, 199]], [[0, 119], [120, 79]]]);
  assert.deepEqual([icicle.heightAt(0, 0), places(icicle, 17), places(icicle, 54)], [17, [], []]);
  const flame = draw(sample, { upward: true });
  assert.deepEqual([places(flame, 73), places(flame, 37)], [[[0, 199]], [[0, 119], [120, 79]]]);
  assert.deepEqual([flame.heightAt(0, 73), places(flame, 72), places(flame, 35)], [17, [], []]);
});

test("rows are scrolled by whole pixels, and cut off at the edges", () => {
  const picture = draw(deepTree(10_000), { scroll: 18_005, contentHeight: 180_036 });
  const gaps = [];
  for (let y = 0; y < 90; y++) if (frames(picture, y).length === 0) gaps.push(y);
  assert.deepEqual(gaps, [12, 30, 48, 66, 84]);
});

test("at two device pixels per pixel everything is twice as large", () => {
  const picture = draw(sample, { ratio: 2 });
  assert.deepEqual([picture.heightAt(0, 0), places(picture, 0)], [34, [[0, 398]]]);
  assert.ok(texts(picture).every((t) => t.x % 2 === 0));
});

test("a zoomed graph shows its part, and nothing beside it", () => {
  assert.deepEqual(places(draw(sample, { viewport: { start: 50, end: 70 } }), 36), [[0, 99], [100, 99]]);
});

test("callers of the zoomed frame are faded, the rest is not", () => {
  const picture = draw(sample, { focusDepth: 2 });
  assert.ok([0, 18].every((y) => ink.ancestors.includes(frames(picture, y)[0].fill)));
  assert.ok(ink.fills.includes(frames(picture, 36)[0].fill));
});

test("matches keep their fill inside an outline, others fade", () => {
  const picture = draw(sample, { matches: match(sample, [compile("read").regex]) });
  assert.deepEqual([frames(picture, 36)[0], picture.heightAt(0, 36)], [{ fill: ink.marks[0], x: 0, width: 119 }, 17]);
  const [left, inside, right] = frames(picture, 38);
  assert.deepEqual([left, ink.fills.includes(inside.fill), inside.width, right.width], [{ fill: ink.marks[0], x: 0, width: 2 }, true, 115, 2]);
  assert.equal(picture.heightAt(2, 38), 13);
  assert.ok(ink.unmatched.includes(frames(picture, 36)[1].fill));
});

test("slivers of one kind look alike, and a match among them does not", () => {
  const crowd = tree("main 0\n" + Array.from({ length: 200 }, (_, i) => `  f${i} 1`).join("\n"));
  assert.deepEqual(places(draw(crowd), 36), [[0, 200]]);
  const found = frames(draw(crowd, { matches: match(crowd, [compile("f77$").regex]) }), 36);
  assert.deepEqual(found.map((r) => [r.x, r.fill === ink.marks[0]]), [[0, false], [77, true], [78, false]]);
});

test("a match too narrow for an outline is all mark", () => {
  const narrow = tree("wide 1000\nhit 10");
  const picture = draw(narrow, { matches: match(narrow, [compile("hit").regex]) });
  for (const y of [18, 26, 34]) assert.deepEqual(frames(picture, y).filter((r) => r.fill === ink.marks[0]).map((r) => r.width), [2]);
});

test("each term has its colour", () => {
  const row = frames(draw(sample, { matches: match(sample, [compile("read").regex, compile("vfs").regex]) }), 36);
  assert.deepEqual(row.map(({ x, fill }) => [x, fill]), [[0, ink.marks[0]], [120, ink.marks[1]]]);
});

test("matches too narrow to be drawn are marked in their row, once per place", () => {
  const crowd = tree("main 0\n  wide 100000\n  x1 1\n  x2 1\n  x3 1\n    deeper 1");
  const picture = draw(crowd, { matches: match(crowd, [compile("^(x|deeper)").regex]) });
  for (const y of [36, 54]) assert.deepEqual(frames(picture, y).filter((r) => r.fill === ink.marks[0]).map((r) => [r.x, r.width]), [[198, 2]]);
});

test("placeholders and cut callees are hatched", () => {
  const cut = tree("main 0\n  [unknown] 50", { kinds: { "[unknown]": PLACEHOLDER }, cuts: [[1, 50, 9]] });
  assert.deepEqual(frames(draw(cut), 36), [{ fill: "hatch", x: 0, width: 99 }, { fill: "hatch", x: 100, width: 99 }]);
});

test("in a part of a tree the room between what is there is hatched, and nothing that is there", () => {
  const part = Object.defineProperty(tree("main 0\n  read 50\n  vfs 50", { cuts: [[1, 100, 9]] }), "partial", { value: true });
  const row = frames(draw(part), 36);
  assert.deepEqual(row.map(({ fill, x }) => [fill === "hatch", x]), [[false, 0], [false, 50], [true, 99]]);
});

test("what changes in the next picture is all there is in it", () => {
  const painter = new FlamePainter();
  const scene = { viewport: { start: 0, end: 100 }, ...colorsOf(sample, "kind"), palette: ink, matches: null, focusDepth: 0, upward: false, scroll: 0, contentHeight: 90, width: 200, height: 90, ratio: 1, fontFamily: "monospace" };
  const picture = new Picture(200, 90);
  painter.paint(picture, { ...scene, tree: sample });
  const other = tree("main 0\n  read 30");
  painter.paint(picture, { ...scene, tree: other, ...colorsOf(other, "kind"), viewport: { start: 0, end: 60 } });
  assert.deepEqual([places(picture, 36), places(picture, 54)], [[[0, 99]], []]);
});

test("names are labels, the module behind them is dimmer, and nothing is wider than its frame", () => {
  const labels = texts(draw(sample));
  assert.deepEqual(labels.map((t) => t.text).toSorted(), ["all", "libc.so.6", "main", "read", "vfs"]);
  assert.equal(labels.find((t) => t.text === "read").fill, ink.text);
  const module = labels.find((t) => t.text === "libc.so.6");
  assert.equal(module.fill, ink.textDim);
  assert.ok(module.x + module.text.length * CELL <= 120);
});

test("many frames of a row are drawn at once, and look like those that are drawn one by one", () => {
  const row = (count, change) => draw(tree("main 0\n" + Array.from({ length: count }, (_, i) => `  f${i} ${600 / count}`).join("\n")), change);
  const drawn = (picture) => picture.calls.filter(({ op }) => op !== "text").length;
  assert.equal(drawn(row(60)), drawn(row(20)));
  for (const [count, image] of [[10, 0], [12, 1]]) {
    const picture = row(count);
    assert.equal(picture.calls.filter(({ op }) => op === "image").length, image);
    assert.deepEqual(places(picture, 36), Array.from({ length: count }, (_, i) => [Math.round((i * 200) / count), Math.round(((i + 1) * 200) / count) - Math.round((i * 200) / count) - 1]));
    assert.deepEqual([picture.heightAt(0, 36), places(picture, 53), places(picture, 54)], [17, [], []]);
    const flame = row(count, { upward: true });
    assert.deepEqual([places(flame, 36), places(flame, 37), flame.heightAt(0, 37)], [[], places(picture, 36), 17]);
  }
});

test("an empty profile draws its background only", () => {
  assert.deepEqual(draw(tree("")).calls, [{ op: "rect", fill: ink.surface, x: 0, y: 0, width: 200, height: 90 }]);
});
