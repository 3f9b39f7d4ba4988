/** Steps on a flame chart: the same stacks as on a graph, in the order of time, and no time more or less than before. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Answers } from "../../static/js/core/answers.js";
import { chartAfter, stepsInTime } from "../../static/js/core/chart-steps.js";
import { transform } from "../../static/js/core/transforms.js";
import { Tree, reshape } from "../../static/js/core/tree.js";

const NATIVE = 1;
const KERNEL = 2;
const PROCESS = 0;
const FRAMES = [["web 7", PROCESS, ""], ["main", NATIVE, "app"], ["parse", NATIVE, "app"], ["read", KERNEL, "[kernel]"], ["memcpy", NATIVE, "libc"], ["gone", NATIVE, "app"]];

/** @param {[number, number, number, number][]} nodes depth, frame, start, total; depth first */
function chartOf(nodes) {
  const strings = [...new Set(FRAMES.flatMap(([name, , module]) => [name, module]))];
  const text = (i) => Uint32Array.from(FRAMES, (frame) => strings.indexOf(frame[i]));
  const self = nodes.map(([depth, , , total], i) => {
    let below = 0;
    for (let k = i + 1; k < nodes.length && nodes[k][0] > depth; k++) if (nodes[k][0] === depth + 1) below += nodes[k][3];
    return total - below;
  });
  const columns = {
    depth: Uint16Array.from(nodes, ([depth]) => depth),
    frame: Uint32Array.from(nodes, ([, frame]) => frame),
    start: Uint32Array.from(nodes, ([, , start]) => start),
    self: Uint32Array.from(self),
    cut_node: new Uint32Array(0),
    cut_value: new Float64Array(0),
    cut_count: new Uint32Array(0),
    frame_name: text(0),
    frame_module: text(2),
    frame_file: text(2),
    frame_kind: Uint8Array.from(FRAMES, ([, kind]) => kind),
    frame_line: new Uint32Array(FRAMES.length),
  };
  return new Tree({ header: { sparse: true, total: nodes[0][3], strings, unit: "nanoseconds" }, columns });
}

/** main;parse;memcpy from 10, main;parse from 30, a gap from 40, main;read from 60, main;parse from 80 to 90. */
const CHART = chartOf([[0, 0, 0, 100], [1, 1, 10, 30], [2, 2, 10, 30], [3, 4, 10, 20], [1, 1, 60, 30], [2, 3, 60, 20], [2, 2, 80, 10]]);

/** As "parse 10-40" by depth, in order. */
function drawn(tree) {
  return Array.from({ length: tree.length - 1 }, (_, i) => `${"  ".repeat(tree.depth[i + 1] - 1)}${tree.name(i + 1)} ${tree.start[i + 1]}-${tree.start[i + 1] + tree.total[i + 1]}`);
}

const after = (...steps) => drawn(chartAfter(CHART, steps));

test("without a step, or with one that means nothing here, a chart is as it was", () => {
  assert.equal(chartAfter(CHART, []), CHART);
  assert.deepEqual(after("hide=gone"), drawn(CHART));
  assert.deepEqual(after("drop~nothing", "recursion"), drawn(CHART));
});

test("what is hidden gives its time to the caller, and what then follows without a gap is one", () => {
  assert.deepEqual(after("hide=read"), ["main 10-40", "  parse 10-40", "    memcpy 10-30", "main 60-90", "  parse 80-90"]);
  assert.deepEqual(after("hide=main"), ["parse 10-40", "  memcpy 10-30", "read 60-80", "parse 80-90"]);
});

test("what is dropped leaves a gap", () => {
  assert.deepEqual(after("drop%kernel"), ["main 10-40", "  parse 10-40", "    memcpy 10-30", "main 80-90", "  parse 80-90"]);
  assert.deepEqual(after("keep=memcpy"), ["main 10-30", "  parse 10-30", "    memcpy 10-30"]);
});

test("focus, collapse and groups are in the order of time too, one step after another", () => {
  assert.deepEqual(after("focus=parse"), ["parse 10-40", "  memcpy 10-30", "parse 80-90"]);
  assert.deepEqual(after("collapse=parse"), ["main 10-40", "  parse 10-40", "main 60-90", "  read 60-80", "  parse 80-90"]);
  assert.deepEqual(after("group:module", "hide=[kernel]"), ["app 10-40", "  libc 10-30", "app 60-90"]);
  assert.deepEqual(after("focus=parse", "drop=memcpy"), ["parse 30-40", "parse 80-90"]);
});

test("a thread that has nothing of what is kept has nothing left, over the same time", () => {
  for (const step of ["keep=gone2", "focus=gone2", "only%java"]) {
    const tree = chartAfter(CHART, [step]);
    assert.deepEqual([drawn(tree), tree.total[0]], [[], 100]);
  }
});

test("each step leaves of each stack as long as the same step does on a graph", () => {
  for (const step of ["hide=main", "drop=read", "keep=parse", "focus=parse", "collapse=main", "only%native", "group:module", "group:namespace", "merge@app", "recursion"]) {
    const sums = new Map();
    const chart = chartAfter(CHART, [step]);
    for (let node = 1; node < chart.length; node++) if (chart.self[node] > 0) add(sums, chart, node);
    const graph = new Map();
    const { tree } = transform(CHART, [step]);
    for (let node = 1; node < tree.length; node++) if (tree.self[node] > 0) add(graph, tree, node);
    assert.deepEqual(sums, new Map([...sums.keys()].map((key) => [key, graph.get(key)])), step);
    assert.equal(sums.size, graph.size, step);
  }
});

function add(sums, tree, node) {
  const key = tree.ancestry(node).slice(1).map((each) => tree.name(each)).join(";");
  sums.set(key, (sums.get(key) ?? 0) + tree.self[node]);
}

test("answers give a chart's steps as columns that the page puts in the place of its own", () => {
  const answers = new Answers(CHART);
  for (const steps of [["hide=read"], ["group:module", "hide=[kernel]"], ["keep=gone2"]]) {
    const tree = reshape(CHART, answers.chart(steps));
    assert.deepEqual(drawn(tree), after(...steps));
    assert.equal(tree.sparse, true);
  }
});

test("what has no meaning in time is left, and why; what the graph could not take is not taken here", () => {
  const taken = ["invert", "subtree:main", "focus=web 7x", "hide=main"].map((step) => ({ step, dropped: 0, error: "" }));
  const { steps, left } = stepsInTime(CHART, [...taken, { step: "drop=read", dropped: 0, error: "no frame of that name" }]);
  assert.deepEqual(steps, ["focus=web 7x", "hide=main"]);
  assert.deepEqual(left.map(({ step }) => step), ["invert", "subtree:main"]);
  const grouped = chartOf([[0, 5, 0, 9], [1, 0, 0, 9]]);
  assert.match(stepsInTime(grouped, [{ step: "focus=web 7", error: "" }]).left[0].why, /not grouped/);
});
