import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, match, matchingNodes } from "../../static/js/core/search.js";
import { names, tree } from "./messages.js";

const recursive = tree("main 1\n  walk 2\n    walk 3\n      stat 4\n  read 5\nwalk 6");
const found = (text, of = recursive) => match(of, compile(text).regex);

test("the share matched is the union of subtrees: recursion counts once", () => {
  assert.equal(found("walk").value, 2 + 3 + 4 + 6);
  assert.equal(found("walk").count, 3);
  assert.equal(found("stat|walk").value, 15);
});

test("each different name is tried once, however many nodes have it", () => {
  const tried = [];
  match(recursive, { test: (name) => tried.push(name) > 99 });
  assert.deepEqual(tried.toSorted(), ["all", "main", "read", "stat", "walk"]);
});

test("the root is a label, not a match", () => {
  assert.equal(found("all").count, 0);
  assert.equal(found(".").value, 21);
});

test("case matters only when the query has a capital", () => {
  const cased = tree("Main 1\nmain 2");
  assert.equal(found("main", cased).value, 3);
  assert.equal(found("Main", cased).value, 1);
});

test("an invalid pattern says what is wrong and what to do", () => {
  const { regex, error } = compile("operator(");
  assert.equal(regex, null);
  assert.match(error, /^Not a valid pattern: unterminated group.*Put \\ before \(/);
});

test("an empty query is neither a search nor an error", () => assert.deepEqual(compile(""), { regex: null, error: "" }));

test("matches are stepped through largest first, then from left to right", () => {
  const nodes = matchingNodes(recursive, found("walk|read"));
  assert.deepEqual([...nodes].map((node) => recursive.total[node]), [9, 7, 6, 5]);
  assert.deepEqual(names(recursive, nodes), ["walk", "walk", "walk", "read"]);
});
