/** The explore page's state, selector, ranges and timeline, without a page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { format, parse, ranges, treeQuery } from "../../static/js/core/explore-state.js";
import { functionChart } from "../../static/js/core/function-chart.js";
import { functionRows, matching } from "../../static/js/core/function-rows.js";
import { heatWords } from "../../static/js/core/heat-words.js";
import { focusOf, focused, focusedOnAny, insert, matchers, placeAt, quote, remembered, unfocused } from "../../static/js/core/selector.js";
import { SeriesCells } from "../../static/js/core/series-cells.js";
import { between, brushOf, ceiling, layers, moveEdge, partOf, shift, sums } from "../../static/js/core/timeline.js";
import { baseOf, lengthOf, rangeText, resolve, span, stepFor, ticks } from "../../static/js/core/time-range.js";

const NOW = Date.UTC(2026, 10, 22, 14, 2, 11);
const HOUR = 3_600_000;

test("a state survives the URL, and what others keep there too", () => {
  const all = "?q=parse&selector=host%3D%22a%22&by=version&graph_by=host&since=2026-11-22T10%3A00%3A00Z&until=2026-11-22T12%3A00%3A00Z&from=2026-11-22T11%3A00%3A00Z&to=2026-11-22T11%3A30%3A00Z&vs=labels&vs_selector=host%3D%22b%22&swap=1&tab=functions&order=own&fn=main&rows=1";
  assert.deepEqual(parse(format(parse(all))), parse(all));
  assert.equal(new URLSearchParams(format(parse(all), all)).get("q"), "parse");
  assert.equal(format(parse("")), "");
  assert.equal(format(parse(""), all), "?q=parse");
});

test("what can't be read falls back to what an empty URL shows", () => {
  assert.deepEqual(parse("?last=forever&since=x&until=y&from=1&tab=x&vs=range&order=z"), { ...parse(""), vs: "previous" });
  assert.deepEqual(parse("?since=2026-11-22T12:00:00Z&until=2026-11-22T10:00:00Z").range, { last: "24h" });
});

test("relative ranges end at a whole step, and steps are few and round", () => {
  assert.deepEqual(resolve({ last: "24h" }, NOW), { begin: Date.UTC(2026, 10, 21, 14, 10), end: Date.UTC(2026, 10, 22, 14, 10) });
  for (const hours of [0.01, 0.25, 1, 6, 24, 168, 720, 9600]) assert.ok((hours * HOUR) / stepFor(hours * HOUR) <= 180);
  assert.equal(lengthOf("90m"), 1.5 * HOUR);
  assert.equal(lengthOf("0h"), 0);
});

test("a part outside of the range is nothing, one across its edge is cut", () => {
  const state = { ...parse(""), range: { begin: 10 * HOUR, end: 20 * HOUR } };
  assert.deepEqual(ranges({ ...state, part: { begin: 1, end: 2 } }, NOW).part, state.range);
  assert.deepEqual(ranges({ ...state, part: { begin: 19 * HOUR, end: 21 * HOUR } }, NOW).part, { begin: 19 * HOUR, end: 20 * HOUR });
});

test("comparisons mean the period before, the day, the week, another range, other labels", () => {
  const part = { begin: 100 * HOUR, end: 101 * HOUR };
  assert.deepEqual(baseOf("previous", part), { begin: 99 * HOUR, end: 100 * HOUR });
  assert.deepEqual(baseOf("day", part), { begin: 76 * HOUR, end: 77 * HOUR });
  const state = { ...parse('?selector=host%3D"a"'), range: part, vs: "labels", vsSelector: 'host="b"' };
  const asked = new URLSearchParams(treeQuery(state, NOW).replace("diff?", ""));
  assert.equal(asked.get("selector"), 'host="a"');
  assert.equal(asked.get("base_selector"), 'host="b"');
  assert.equal(asked.get("since"), asked.get("base_since"));
  assert.ok(treeQuery({ ...state, vs: "" }, NOW).startsWith("tree?"));
});

test("ticks are few, in order and within the range", () => {
  for (const length of [60_000, HOUR, 24 * HOUR, 30 * 24 * HOUR, 400 * 24 * HOUR]) {
    const found = ticks({ begin: NOW - length, end: NOW }, 8).map(({ at }) => at);
    assert.ok(found.length >= 1 && found.length <= 9, `${length}: ${found.length}`);
    assert.ok(found.every((at, i) => at >= NOW - length && at <= NOW && (i === 0 || at > found[i - 1])));
  }
  assert.equal(span(2 * HOUR + 60_000), "2\u2009h 1\u2009min");
  assert.match(rangeText({ begin: NOW, end: NOW + HOUR }), /^2026-11-2\d \d\d:\d\d:\d\d – (2026-11-2\d )?\d\d:\d\d:\d\d$/);
});

const expects = (text) => {
  const caret = text.indexOf("|");
  const { expects: what, typed, label, others } = placeAt(text.replace("|", ""), caret);
  return [what, typed, label, others];
};

test("what may come at the cursor", () => {
  assert.deepEqual(expects("|"), ["name", "", "", ""]);
  assert.deepEqual(expects("ser|"), ["name", "ser", "", ""]);
  assert.deepEqual(expects("service |"), ["operator", "", "service", ""]);
  assert.deepEqual(expects("service!|"), ["operator", "!", "service", ""]);
  assert.deepEqual(expects("service=|"), ["value", "", "service", ""]);
  assert.deepEqual(expects('service="we|'), ["value", "we", "service", ""]);
  assert.deepEqual(expects('service="we|b"'), ["value", "we", "service", ""]);
  assert.deepEqual(expects('service="web"|'), ["comma", "", "", 'service="web"']);
  assert.deepEqual(expects('service="web", |'), ["name", "", "", 'service="web"']);
  assert.deepEqual(expects('service="web", host=~"a|'), ["value", "a", "host", 'service="web"']);
  assert.deepEqual(expects('service="|", host="a"'), ["value", "", "service", 'host="a"']);
});

const typed = (text, choice) => {
  const caret = text.indexOf("|");
  const bare = text.replace("|", "");
  const done = insert(bare, placeAt(bare, caret), choice);
  return `${done.text.slice(0, done.caret)}|${done.text.slice(done.caret)}`;
};

test("a suggestion takes the place of what was typed", () => {
  assert.equal(typed("ser|", "service"), "service|");
  assert.equal(typed("service|", "service"), "service|");
  assert.equal(typed("service |", "=~"), 'service =~"|');
  assert.equal(typed('service="w|', "web"), 'service="web"|');
  assert.equal(typed('service="w|x", host="a"', "web"), 'service="web"|, host="a"');
  assert.equal(typed('service="web"|', ""), 'service="web", |');
  assert.equal(typed('a="|', 'say "x\\y"'), 'a="say \\"x\\\\y\\""|');
});

test("a label is focused and let go", () => {
  const both = focused('host=~"a.*", service="x"', "service", 'w"b');
  assert.equal(both, 'host=~"a.*", service="w\\"b"');
  assert.equal(focusOf(both, "service"), 'w"b');
  assert.equal(focusOf(both, "host"), "");
  assert.equal(unfocused(both, "service"), 'host=~"a.*"');
  assert.equal(matchers(both).length, 2);
  assert.equal(quote("a\nb"), '"a\\nb"');
});

test("several values of a label are looked at together, whatever characters they have", () => {
  assert.equal(focusedOnAny('service="x", host="y"', "host", ["a"]), 'service="x", host="a"');
  assert.equal(focusedOnAny('service="x"', "host", ["a.b", "c|d(e)"]), 'service="x", host=~"a\\\\.b|c\\\\|d\\\\(e\\\\)"');
  assert.equal(focusedOnAny("", "host", ["a", "b"]), 'host=~"a|b"');
});

test("sums over time are rows of a heat map, with the moments and values that its spans mean", () => {
  const cells = new SeriesCells({ begin_ms: 1000, step_ms: 10_000, unit: "nanoseconds", groups: ["web-1", ""], values: [[2e9, 1e9], [0, 3e9]], rest: { groups: 3, values: [1e9, 0] } }, { begin: 4000, end: 19_000 });
  assert.deepEqual(cells.names, ["web-1", "(none)", "3 others"]);
  assert.deepEqual([cells.rowTotal(0), cells.count([0, 10]), cells.columnText], [3e9, 3e9, "10\u2009s"]);
  assert.deepEqual(cells.moment([0, 10]), { begin: 4000, end: 11_000 });
  assert.deepEqual(cells.spanAt({ begin: 11_000, end: 19_000 }), [10, 18]);
  assert.deepEqual(cells.valuesOf(cells.rowsBetween(0, 2)), ["web-1", ""]);
  assert.deepEqual(cells.valuesOf(cells.between({ column: 0, row: 2 }, { column: 1, row: 0 })), []);
  assert.equal(heatWords(cells, { column: 1, row: 1 }, null), `(none), ${rangeText({ begin: 11_000, end: 19_000 })}: 3\u2009s`);
  assert.equal(cells.when([0, Infinity, "label:web-1"]), "web-1");
  assert.ok(cells.marks(4).every(({ at }) => at >= 3 && at <= 18));
  assert.equal(new SeriesCells({ begin_ms: 0, step_ms: 1, unit: "", groups: [], values: [], rest: { groups: 0, values: [] } }, { begin: 0, end: 9 }).rows, 0);
});

test("recent selectors are the newest, each once", () => {
  const many = Array.from({ length: 12 }, (_, i) => `host="${i}"`).reduce(remembered, []);
  assert.equal(many.length, 8);
  assert.deepEqual(remembered(many, many[3]).slice(0, 2), [many[3], many[0]]);
  assert.deepEqual(remembered(many, " "), many);
});

const series = (groups, rest = 0) => ({ begin_ms: 1000, step_ms: 10, groups, values: groups.map((_, i) => [i, 1]), rest: { groups: rest, values: [rest, rest] } });

test("the largest groups have tones of their own, the rest is one and nothing is left out", () => {
  const many = series(Array.from({ length: 10 }, (_, i) => `g${i}`), 4);
  const found = layers(many);
  assert.equal(found.length, 8);
  assert.equal(new Set(found.map(({ tone }) => tone)).size, 8);
  assert.equal(found[7].groups, 7);
  assert.deepEqual(sums(found), [45 + 4, 10 + 4]);
  assert.equal(layers(series(["a"])).length, 1);
  assert.deepEqual(sums(layers(series([]))), []);
});

test("the axis ends at a round number", () => {
  assert.deepEqual([0, 1, 9, 14, 99, 1234].map(ceiling), [1, 1, 10, 15, 100, 1500]);
});

test("a brush is moved by its edges and as a whole, never crossing nor leaving", () => {
  assert.deepEqual(between(7, 3, 10), { from: 3, to: 8 });
  assert.equal(between(-5, 50, 10), null);
  assert.deepEqual(moveEdge({ from: 3, to: 5 }, "from", 9, 10), { from: 4, to: 5 });
  assert.deepEqual(moveEdge(null, "from", 2, 10), { from: 2, to: 10 });
  assert.equal(moveEdge({ from: 0, to: 9 }, "to", 5, 10), null);
  assert.deepEqual(shift({ from: 3, to: 5 }, 9, 10), { from: 8, to: 10 });
  assert.deepEqual(shift({ from: 3, to: 5 }, -9, 10), { from: 0, to: 2 });
});

test("a part of the time and its brush are each other", () => {
  const ten = series(["a"]);
  const range = { begin: 1000, end: 1100 };
  assert.deepEqual(partOf({ from: 2, to: 4 }, ten, range), { begin: 1020, end: 1040 });
  assert.deepEqual(brushOf({ begin: 1020, end: 1040 }, ten, 10), { from: 2, to: 4 });
  assert.equal(brushOf(range, ten, 10), null);
  assert.equal(partOf(null, ten, range), null);
});

test("a chart has the largest functions and the chosen one, and names stay names", () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ name: `<b>${i}`, values: [i, 1] }));
  const ink = { text: "#000", grid: "#111", surface: "#fff", lines: ["red", "blue"] };
  const { traces } = functionChart({ begin_ms: 0, step_ms: 1000 }, rows, "<b>17", ink);
  assert.equal(traces.length, 13);
  assert.equal(traces[12].name, "&lt;b&gt;17");
  assert.deepEqual([traces[12].opacity, traces[0].opacity], [1, 0.35]);
  assert.deepEqual(traces[12].y, [17, 1]);
  assert.equal(Date.parse(traces[0].x[1]) - Date.parse(traces[0].x[0]), 1000);
});

test("profiles of another kind are asked for by its name, those of the CPU as ever", () => {
  const state = parse("?kind=off_cpu&since=2026-11-22T10:00:00Z&until=2026-11-22T12:00:00Z");
  assert.match(treeQuery(state, 0), /^tree\?.*&kind=off_cpu$/);
  assert.match(treeQuery({ ...state, vs: "previous" }, 0), /^diff\?.*&kind=off_cpu&base_since=/);
  assert.match(format(state), /kind=off_cpu/);
  assert.doesNotMatch(treeQuery({ ...state, kind: "cpu" }, 0), /kind/);
  assert.doesNotMatch(format({ ...state, kind: "cpu" }), /kind/);
});

test("a chart of CPU time is in seconds", () => {
  const ink = { text: "#000", grid: "#111", surface: "#fff", lines: ["red"] };
  const { traces, layout } = functionChart({ begin_ms: 0, step_ms: 1000, unit: "nanoseconds" }, [{ name: "a", values: [15e8, 0] }], "", ink);
  assert.deepEqual(traces[0].y, [1.5, 0]);
  assert.equal(layout.yaxis.title.text, "seconds in a step");
});

test("functions are sorted by what is asked for, those without a sample are left out, and filtered by any part", () => {
  const answer = { functions: [{ name: "a", module: "libx", kind: 1, own: [5, 1], total: [5, 1] }, { name: "b", module: "", kind: 1, own: [0, 1], total: [9, 9] }, { name: "none", module: "", kind: 1, own: [0, 0], total: [0, 0] }] };
  assert.deepEqual(functionRows(answer, "total").map(({ name, total }) => [name, total]), [["b", 18], ["a", 6]]);
  assert.deepEqual(functionRows(answer, "own").map(({ name, values }) => [name, values]), [["a", [5, 1]], ["b", [0, 1]]]);
  assert.deepEqual(matching(functionRows(answer, "own"), "LIBX").map(({ name }) => name), ["a"]);
});
