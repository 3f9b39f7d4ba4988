import assert from "node:assert/strict";
import test from "node:test";

import { printsOf } from "../../static/js/core/bpftrace.js";
import { barFigure, heatFigure, lineFigure } from "../../static/js/core/program-figures.js";

const INK = { text: "black", grid: "grey", surface: "white", bar: "blue", heat: ["white", "red"], lines: ["a", "b", "c"] };

test("bars are the buckets by name, with how many each has", () => {
  const made = barFigure({ data: [{ type: "bar" }], layout: { xaxis: { type: "category" } } }, [[null, -1, 2], [4, 7, 1009]], INK);
  assert.deepEqual(made.data[0].x, ["< 0", "4 – 7"]);
  assert.deepEqual(made.data[0].y, [2, 1009]);
  assert.equal(made.data[0].text[1], "4 – 7 · 1\u2009009");
  assert.equal(made.layout.xaxis.type, "category");
  assert.equal(made.layout.paper_bgcolor, "white");
});

test("lines are told apart by colour, then by dash, and have a legend where they have names", () => {
  const figure = { data: ["solid", "dash"].map((dash) => ({ type: "scatter", line: { dash } })), layout: {} };
  const lines = ["k", "l", "m", "n"].map((key) => ({ key, values: [[0, 1], [2500, 3]] }));
  const made = lineFigure(figure, lines, INK);
  assert.deepEqual(made.data.map(({ line }) => `${line.color} ${line.dash}`), ["a solid", "b solid", "c solid", "a dash"]);
  assert.deepEqual(made.data[0].x, [0, 2.5]);
  assert.equal(made.layout.showlegend, true);
  assert.equal(lineFigure(figure, [{ key: "", values: [[0, 1]] }], INK).layout.showlegend, false);
});

test("prints of one histogram are columns over all buckets that any of them has", () => {
  const map = { shows: "histogram", keyed: false, points: [{ at_ms: 1000, rows: [["", [[0, 0, 3], [1, 1, 2]]]] }, { at_ms: 2000, rows: [["", [[1, 1, 5], [2, 3, 1]]]] }, { at_ms: 3000, rows: [] }] };
  const prints = printsOf(map);
  assert.deepEqual(prints.map(({ at }) => at), [1000, 2000]);
  assert.deepEqual(printsOf({ ...map, keyed: true }), []);
  const figure = { data: [{ type: "heatmap" }, ...[1, 2, 3].map(() => ({ type: "scatter", line: {} }))], layout: {} };
  const { data, layout } = heatFigure(figure, prints, INK);
  assert.deepEqual(data[0].x, [1, 2]);
  assert.deepEqual(data[0].z.map((row) => row.map((z) => z !== null)), [[true, false], [true, true], [false, true]]);
  assert.deepEqual(layout.yaxis.ticktext, ["0", "1", "2 – 3"]);
  assert.equal(data[0].text[1][1], "2.00 s · 1 · 5");
});
