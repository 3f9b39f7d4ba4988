import assert from "node:assert/strict";
import { test } from "node:test";

import { explain, numbers, stateClass } from "../../static/js/core/run-state.js";

const run = (change) => ({ host: "web-1", state: "recording", final: false, message: "", elapsed_s: 0, samples: 0, lost: 0, profile: null, partial: false, ...change });
const plain = (text) => text.replaceAll("\u2009", " ");

test("a failed run gives the reason as a sentence, or says where to look", () => {
  assert.equal(explain(run({ state: "failed", message: "pid 7 ended" })), "The recording failed. Pid 7 ended.");
  assert.match(explain(run({ state: "failed" })), /its log may/);
});

test("while it records the graph says it all; every other state has words", () => {
  assert.equal(explain(run({})), "");
  for (const state of ["queued", "starting", "sending", "done", "failed", "cancelled"]) assert.notEqual(explain(run({ state })), "");
});

test("a rate that had to be lowered is told while it records", () => {
  const message = "rate lowered to 49.5 Hz: the agent used 1.4% of a CPU, its limit is 1.0%";
  assert.equal(explain(run({ message })), message);
});

test("progress is in whole seconds, with what was taken and lost", () => {
  assert.equal(plain(numbers(run({ elapsed_s: 7.9, samples: 1386, lost: 2 }), 10)), "7 s of 10 s · 1 386 samples · 2 lost");
  assert.equal(numbers(run({ state: "queued" }), 10), "");
});

test("a state's shape tells the four kinds apart", () => {
  assert.deepEqual(["done", "failed", "cancelled", "queued"].map(stateClass), ["good", "bad", "off", "busy"]);
});
