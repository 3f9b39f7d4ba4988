/** The heat map without a page: parts of the time, cells, colours, and a log of what is drawn. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { HeatCells, LEVELS } from "../../static/js/core/heat-cells.js";
import { HEAT_INK, heatFills } from "../../static/js/core/heat-colors.js";
import { heatWords, rowWords, summaryOf } from "../../static/js/core/heat-words.js";
import { contrast } from "../../static/js/core/oklch.js";
import { formatSpans, joined, parseSpans, spanText } from "../../static/js/core/spans.js";
import { offsetMarks, timeMarks } from "../../static/js/core/heat-axis.js";
import { cellAt, paintHeatMap } from "../../static/js/render/heat-map.js";

/** Two seconds in four rows; 1 sample in the first quarter, 9 in the last one of the second second. */
const OFFSETS = new HeatCells({ by: "offset", column_ns: 1e9, last_ns: 2e9 - 1, counts: [[1, 0], [0, 0], [0, 4], [0, 9]], names: [], others: 0 });
const LANES = new HeatCells({ by: "thread", column_ns: 5e8, last_ns: 15e8 - 1, counts: [[3, 0, 1], [0, 2, 0]], names: ["web 7"], others: 4 });

test("spans survive their text, and those that touch are one", () => {
  assert.deepEqual(parseSpans("3-4\n0.5-1.25\n1-2\nsoon\n5-5\n7-6\n-1-2"), [[0.5, 2], [3, 4]]);
  assert.equal(formatSpans([[3, 4], [0.1 + 0.2, 0.5]]), "0.3-0.5\n3-4");
  assert.deepEqual(parseSpans(""), []);
  assert.equal(spanText([0.25, 1]), "0.25–1\u2009s");
  assert.equal(parseSpans(Array.from({ length: 500 }, (_, i) => `${2 * i}-${2 * i + 1}`).join("\n")).length, 256);
});

test("a span may be of one lane, or all of it, and what a text can't say is left out", () => {
  const text = "@cpu:CPU 3\n0-1@thread:web 7\n1-2@thread:web 7\n0.5-2";
  assert.deepEqual(parseSpans(text), [[0, Infinity, "cpu:CPU 3"], [0, 2, "thread:web 7"], [0.5, 2]]);
  assert.equal(formatSpans(parseSpans(text)), "@cpu:CPU 3\n0-2@thread:web 7\n0.5-2");
  assert.deepEqual(parseSpans("@planet:mars\n@\n1-2@\n@cpu\n2-1@cpu:CPU 3"), []);
  assert.deepEqual(parseSpans("@thread:a-b@c: 1 7"), [[0, Infinity, "thread:a-b@c: 1 7"]]);
  assert.deepEqual(parseSpans(text).map(spanText), ["CPU 3", "web 7, 0–2\u2009s", "0.5–2\u2009s"]);
  assert.equal(spanText([0, Infinity, "thread:\u202egnp 7"]), "\ufffdgnp 7");
});

test("joining keeps the whole time that was selected", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const spans = Array.from({ length: 6 }, (_, i) => [(seed * (i + 3)) % 17, ((seed * (i + 3)) % 17) + 1 + ((seed * i) % 4)]);
    const seconds = (list) => new Set(list.flatMap(([from, to]) => Array.from({ length: to - from }, (_, k) => from + k)));
    assert.deepEqual([...seconds(joined(spans))].sort(), [...seconds(spans)].sort());
  }
});

test("by offset cells follow each other up a column and on at the foot of the next", () => {
  assert.deepEqual(OFFSETS.spanOf(1, 2), [1.5, 1.75]);
  assert.deepEqual(OFFSETS.between({ column: 1, row: 0 }, { column: 0, row: 3 }), [[0.75, 1.25]]);
  assert.deepEqual(OFFSETS.cover([0.75, 1.25]), [{ column: 0, from: 3, to: 4 }, { column: 1, from: 0, to: 1 }]);
  assert.deepEqual([OFFSETS.count([0, 2]), OFFSETS.count([1, 1.75]), OFFSETS.count(OFFSETS.columnSpan(1))], [14, 4, 13]);
});

test("a lane has all of its moment, and the lanes beyond a screen are one of their own", () => {
  assert.deepEqual(LANES.spanOf(2, 1), [1, 1.5]);
  assert.deepEqual(LANES.cover([0.5, 1.5]), [{ column: 1, from: 0, to: 2 }, { column: 2, from: 0, to: 2 }]);
  assert.equal(LANES.count([0, 0.5]), 3);
  assert.deepEqual(LANES.names, ["web 7", "4 others"]);
});

test("between cells of some lanes are these lanes only, and of all of them all", () => {
  const three = new HeatCells({ by: "cpu", column_ns: 1e9, last_ns: 3e9 - 1, counts: [[1, 2, 3], [4, 5, 6], [7, 8, 9]], names: ["CPU 0", "CPU 1", "CPU 2"], others: 0 });
  assert.deepEqual(three.between({ column: 2, row: 1 }, { column: 1, row: 1 }), [[1, 3, "cpu:CPU 1"]]);
  assert.deepEqual(three.between({ column: 0, row: 2 }, { column: 0, row: 1 }), [[0, 1, "cpu:CPU 1"], [0, 1, "cpu:CPU 2"]]);
  assert.deepEqual(three.between({ column: 0, row: 2 }, { column: 1, row: 0 }), [[0, 2]]);
  assert.deepEqual(three.rowsBetween(2, 1), [[0, Infinity, "cpu:CPU 1"], [0, Infinity, "cpu:CPU 2"]]);
  assert.deepEqual([three.count([1, 3, "cpu:CPU 1"]), three.count([0, Infinity, "cpu:CPU 0"]), three.count([0, 3])], [11, 6, 45]);
  assert.equal(three.count([0, 3, "cpu:CPU 7"]) + three.count([0, 3, "thread:CPU 1"]) + OFFSETS.count([0, 2, "cpu:CPU 1"]), 0);
});

test("the others have no lane that could be selected", () => {
  assert.deepEqual(LANES.rowsBetween(1, 1), []);
  assert.deepEqual(LANES.rowsBetween(0, 1), [[0, Infinity, "thread:web 7"]]);
  assert.deepEqual(LANES.between({ column: 0, row: 1 }, { column: 1, row: 1 }), []);
});

test("words say where, how much, and what the picture shows", () => {
  const plain = (text) => text.replaceAll("\u2009", " ");
  assert.match(heatWords(LANES, null, null), /on a name its row/);
  assert.equal(plain(heatWords(LANES, { column: 1, row: 1 }, null)), "4 others, 0.5–1 s: 2 samples");
  assert.equal(plain(heatWords(LANES, { column: 0, row: 0 }, [[0, 1, "thread:web 7"]])), "web 7, 0–1 s: 3 samples");
  assert.equal(heatWords(LANES, { column: 0, row: 1 }, []), "The others have no row of their own");
  assert.equal(rowWords(LANES, 0), "web 7: 4 samples in all");
  assert.equal(plain(summaryOf(LANES)), "6 samples, most at 0–0.5 s (50.0 %); web 7 66.7 %, 4 others 33.3 %");
  assert.equal(summaryOf(new HeatCells({ by: "cpu", column_ns: 1, last_ns: 0, counts: [], names: [], others: 0 })), "No samples");
});

test("one sample is not nothing, and the most is the strongest", () => {
  assert.deepEqual([0, 1, 4, 9].map((count) => OFFSETS.levelOf(count)), [0, 3, 6, LEVELS]);
});

for (const [i, theme] of ["light", "dark"].entries()) {
  test(`more is further off the surface on ${theme}, and lines have the page's colours`, () => {
    const off = heatFills(theme).map((fill) => contrast(fill, HEAT_INK[theme].surface));
    assert.deepEqual(off, off.toSorted((a, b) => a - b));
    assert.equal(off.length, LEVELS + 1);
    const tokens = readFileSync(new URL("../../static/css/tokens.css", import.meta.url), "utf8");
    const token = (name) => new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(tokens)[i + 1];
    assert.deepEqual(HEAT_INK[theme], { text: token("text"), accent: token("accent"), surface: token("bg") });
  });
}

class Log {
  rects = [];
  texts = [];
  lines = 0;
  fillRect(x, y, width, height) {
    this.rects.push({ fill: this.fillStyle, x, y, width, height });
  }
  fillText(text) {
    this.texts.push(text);
  }
  moveTo() {
    this.lines++;
  }
  beginPath() {}
  lineTo() {}
  stroke() {}
  setLineDash() {}
  strokeRect() {}
}

function draw(cells, change = {}) {
  const log = new Log();
  const scene = { cells, fills: heatFills("light"), ...HEAT_INK.light, chosen: [], base: [], cursor: null, width: 200, height: 80, gutter: 0, ratio: 1, fontFamily: "monospace", shorten: (name) => name, ...change };
  paintHeatMap(log, scene);
  return { ...log, rects: log.rects.slice(1), scene };
}

test("every cell is drawn once, time grows upwards, and a press finds the cell that was drawn", () => {
  const { rects, scene } = draw(OFFSETS);
  assert.equal(rects.length, 8);
  const strongest = rects.find(({ fill }) => fill === heatFills("light")[LEVELS]);
  assert.deepEqual([strongest.x, strongest.y], [100, 0]);
  assert.deepEqual(cellAt(scene, strongest.x + 5, strongest.y + 5), { column: 1, row: 3 });
  assert.deepEqual(cellAt(scene, -5, 999), { column: 0, row: 0 });
});

test("lanes have their names beside them, from the top", () => {
  const { texts, rects, scene } = draw(LANES, { gutter: 50 });
  assert.deepEqual(texts, ["web 7", "4 others"]);
  assert.equal(Math.min(...rects.map(({ x }) => x)), 50);
  assert.deepEqual(cellAt(scene, 60, 70), { column: 0, row: 1 });
});

test("what is selected is outlined at its edges only", () => {
  assert.equal(draw(OFFSETS, { chosen: [[0.75, 1.25]] }).lines, 8);
  assert.equal(draw(OFFSETS, { chosen: [[1, 1.5]], base: [[0, 0.25]] }).lines, 10);
});

test("a profile without a sample draws nothing", () => {
  const nothing = new HeatCells({ by: "thread", column_ns: 1, last_ns: 0, counts: [], names: [], others: 0 });
  assert.equal(draw(nothing).rects.length, 0);
});

test("a time axis has round marks, as many as fit, none at its end", () => {
  const texts = (endS, most) => timeMarks(endS, most).map(({ text }) => text.replace("\u2009", " "));
  assert.deepEqual(texts(2, 4), ["0 s", "0.5 s", "1 s", "1.5 s"]);
  assert.deepEqual(texts(25, 5), ["0 s", "5 s", "10 s", "15 s", "20 s"]);
  assert.deepEqual(texts(600, 3), ["0 min", "5 min"]);
  assert.deepEqual(texts(0, 5), []);
  assert.deepEqual(timeMarks(1.2506, 4, 1.25).map(({ text }) => text), ["1.25\u2009s", "1.2502\u2009s", "1.2504\u2009s"]);
  assert.ok(texts(1e7, 6).length <= 7);
  assert.deepEqual(offsetMarks(1).map(({ text }) => text), ["0", "500\u2009ms", "1\u2009s"]);
});
