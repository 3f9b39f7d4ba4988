import assert from "node:assert/strict";
import { test } from "node:test";
import { compile, match, matchingNodes } from "../../static/js/core/search.js";
import { fuzzyPattern } from "../../static/js/core/fuzzy.js";
import { MAX_TERMS, anyOf, compileAll, nameFilter, patternsOf } from "../../static/js/core/search-terms.js";
import { names, tree } from "./messages.js";

const recursive = tree("main 1\n  walk 2\n    walk 3\n      stat 4\n  read 5\nwalk 6");
const found = (text, of = recursive) => match(of, [compile(text).regex]);

test("the share matched is the union of subtrees: recursion counts once", () => {
  assert.equal(found("walk").value, 2 + 3 + 4 + 6);
  assert.equal(found("walk").count, 3);
  assert.equal(found("stat|walk").value, 15);
});

test("each different name is tried once, however many nodes have it", () => {
  const tried = [];
  match(recursive, [{ test: (name) => tried.push(name) > 99 }]);
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

test("each term has its own share, and all together that of their union", () => {
  const { frames, value, count, terms } = match(recursive, [compile("stat|read").regex, compile("walk").regex]);
  assert.deepEqual([value, count], [20, 5]);
  assert.deepEqual(terms, [{ count: 2, value: 9 }, { count: 3, value: 15 }]);
  const of = (name) => frames[recursive.frame[[...recursive.frame.keys()].find((node) => recursive.name(node) === name)]];
  assert.deepEqual([of("stat"), of("walk"), of("main")], [1, 2, 0]);
});

test("a frame that two terms match has the colour of the first, and counts in both", () => {
  const { frames, terms } = match(recursive, [compile("walk").regex, compile("wa").regex]);
  assert.deepEqual([Math.max(...frames), terms[0].count, terms[1].count], [1, 3, 3]);
});

test("fuzzy text finds letters in their order and words in any order", () => {
  const finds = (text, name) => compile(fuzzyPattern(text)).regex.test(name);
  assert.ok(finds("pyevl", "_PyEval_EvalFrameDefault"));
  assert.ok(finds("frame eval", "_PyEval_EvalFrameDefault"));
  assert.ok(!finds("lavep", "_PyEval"));
  assert.ok(finds("a.b", "xa.yb") && !finds("a.b", "xayb"));
  assert.ok(finds("[^]\\-(", "a[b^c]d\\e-f(g"));
  assert.ok(finds("🔥", "x🔥y"));
  assert.equal(fuzzyPattern("  "), "");
});

test("fuzzy text with a capital is about case", () => {
  assert.ok(!compile(fuzzyPattern("Eval")).regex.test("eval") && compile(fuzzyPattern("eval")).regex.test("EVAL"));
});

test("fuzzy text takes no time on the name that it almost finds", () => {
  const { regex } = compile(fuzzyPattern("a".repeat(30) + "z"));
  const begin = performance.now();
  assert.equal(regex.test("a".repeat(10_000)), false);
  assert.ok(performance.now() - begin < 500);
});

test("pinned terms come first, empty ones not at all, and there is an end to colours", () => {
  assert.deepEqual(patternsOf({ q: "c", pins: "a\n\nb", fuzzy: false }), ["a", "b", "c"]);
  assert.deepEqual(patternsOf({ q: " ", pins: "", fuzzy: true }), []);
  assert.equal(patternsOf({ q: "z", pins: "abcdefgh".split("").join("\n"), fuzzy: false }).length, MAX_TERMS);
});

test("one invalid term is an error of all, and a list then shows everything", () => {
  assert.match(compileAll(["a", "("]).error, /Not a valid pattern/);
  assert.equal(nameFilter(["a", "("]), null);
  assert.equal(nameFilter([]), null);
  const filter = nameFilter(["^a", "b$"]);
  assert.deepEqual(["ax", "xb", "xx"].map((name) => filter.test(name)), [true, true, false]);
  assert.equal(anyOf(["a|b", "c"]), "(?:a|b)|(?:c)");
});
