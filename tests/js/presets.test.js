/** What is offered to take: every offer can be taken, loses nothing but what it drops, and means what it says. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PRESETS, SHAPES, onFunction, onMatches } from "../../static/js/core/presets.js";
import { describeStep, formatTrail, parseTrail } from "../../static/js/core/trail.js";
import { transform } from "../../static/js/core/transforms.js";
import { KERNEL, tree } from "./messages.js";
import { stacks } from "./stacks.js";

const [PYTHON, JAVA, JAVASCRIPT] = [3, 4, 5];
const sample = tree("web 0\n  _start 1\n    main 2\n      Py_RunMain 0\n        loads 3\n          memcpy 4\n            do_syscall 5\n      run 6\n      tick 7", {
  kinds: { web: 0, loads: PYTHON, run: JAVA, tick: JAVASCRIPT, do_syscall: KERNEL },
  modules: { _start: "ld-linux-x86-64.so.2", main: "web", Py_RunMain: "libpython3.11.so.1.0", memcpy: "libc.so.6", do_syscall: "[kernel]" },
});
const after = (steps) => stacks(transform(sample, steps).tree);
const preset = (wanted) => PRESETS.find(([, text]) => text === wanted)[0];

for (const [steps, text] of [...PRESETS, ...SHAPES, ...onMatches("m.*n"), ...onFunction("=main", "web", "web;_start;main")]) {
  test(`“${text}” can be taken, survives its URL, and the totals add up`, () => {
    assert.deepEqual(parseTrail(formatTrail(steps)), steps);
    const { tree: left, taken } = transform(sample, steps);
    assert.deepEqual(taken.map(({ error }) => error), steps.map(() => ""));
    assert.equal(left.total[0] + taken.reduce((sum, { dropped }) => sum + dropped, 0), sample.total[0]);
    assert.ok(steps.every((step) => describeStep(step) !== step));
  });
}

test("hiding libc leaves its value to its callers", () => assert.equal(after(preset("Hide libc"))["web;main;Py_RunMain;loads"], 7));

test("Python only is processes and Python frames", () => {
  assert.deepEqual(after(preset("Python only")), { web: 16, "web;loads": 12 });
});

test("the application is what runs in neither the kernel nor a run time", () => {
  assert.deepEqual(after(preset("Application only")), { web: 1, "web;main": 2, "web;main;loads": 12, "web;main;run": 6, "web;main;tick": 7 });
});

test("a search with a backslash is offered as it is", () => {
  const [steps] = onMatches("\\d+$")[0];
  assert.deepEqual(parseTrail(formatTrail(steps)), ["keep~\\d+$"]);
});

test("nothing is offered about matches without a search, nor about a module where it is not known", () => {
  assert.deepEqual([onMatches(""), onFunction("=f", "", "").length], [[], 1]);
});
