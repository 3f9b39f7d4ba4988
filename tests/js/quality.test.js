import assert from "node:assert/strict";
import { test } from "node:test";

import { facts, options } from "../../static/js/core/quality.js";
import { report } from "./messages.js";

function found(sentence) {
  return options(sentence).filter((piece) => piece.isOption).map((piece) => piece.text);
}

test("options in a sentence are found whole and without what ends the sentence", () => {
  assert.deepEqual(found("Java: start it with -XX:+PreserveFramePointer. Your own: -fno-omit-frame-pointer, don't"), ["-XX:+PreserveFramePointer", "-fno-omit-frame-pointer"]);
  assert.deepEqual(found("start Node.js with --perf-basic-prof (or NODE_OPTIONS=--perf-basic-prof)"), ["--perf-basic-prof", "NODE_OPTIONS=--perf-basic-prof"]);
});

test("names with a dash and dashes between words are no options", () => {
  assert.deepEqual(found("Install python3.11-minimal-dbgsym - the usual name - or 8-bit -5"), []);
});

test("nothing of a sentence is lost", () => {
  for (const sentence of ["", "-g", "plain", "a -b c --d=e, f", "(-x)"]) {
    assert.equal(options(sentence).map((piece) => piece.text).join(""), sentence);
  }
});

test("of no samples no share is told", () => {
  assert.deepEqual(facts(report({ whole: 0 })).map(({ key }) => key), ["lost"]);
  assert.deepEqual(facts(report({ samples: 5, whole: 5 })).map(({ key }) => key), ["lost", "cut", "unknown"]);
});
