import assert from "node:assert/strict";
import { test } from "node:test";
import { LivePause } from "../../static/js/core/live-pause.js";
import { decode } from "../../static/js/core/wire.js";
import { behindText, explain, numbers, stateClass } from "../../static/js/core/run-state.js";
import { message } from "./messages.js";

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

test("a paused picture says how far it is behind, and when nothing more will come", () => {
  const behind = (seconds, value, unit = "samples") => ({ seconds, value, unit });
  assert.equal(plain(behindText(behind(0.4, 0), false)), "paused");
  assert.equal(plain(behindText(behind(12.9, 1188), false)), "paused, 12 s and 1 188 samples behind");
  assert.equal(plain(behindText(behind(0, 1), true)), "paused, 1 sample behind; the recording is over");
  assert.equal(plain(behindText(behind(1, 2e9, "nanoseconds"), false)), "paused, 1 s and 2 s behind");
});

test("while it is paused nothing is shown; then the newest is, once, and the numbers begin anew", () => {
  const state = (samples) => message(`main ${samples}`);
  const shown = [];
  const pause = new LivePause((buffer) => shown.push(decode(buffer).header.total));
  pause.receive(state(5));
  pause.pause(3);
  assert.deepEqual(pause.behind(3), { seconds: 0, value: 0, unit: "samples" });
  pause.receive(state(8));
  pause.receive(state(12));
  assert.deepEqual(shown, [5]);
  assert.deepEqual(pause.behind(6), { seconds: 3, value: 7, unit: "samples" });
  pause.resume();
  pause.resume();
  assert.deepEqual(shown, [5, 12]);
  pause.pause(6);
  assert.deepEqual(pause.behind(6), { seconds: 0, value: 0, unit: "samples" });
});

test("a damaged state is shown to who reads it, and counts for nothing while it waits", () => {
  const shown = [];
  const pause = new LivePause((buffer) => shown.push(buffer.byteLength));
  pause.pause(0);
  pause.receive(new ArrayBuffer(3));
  assert.equal(pause.behind(0).value, 0);
  pause.resume();
  assert.deepEqual(shown, [3]);
});
