import assert from "node:assert/strict";
import { test } from "node:test";
import { lastName, nodeOf, nodeOfNames, pathOf } from "../../static/js/core/path.js";
import { deepTree, messageOf, tree } from "./messages.js";
import { readTree } from "../../static/js/core/tree.js";

const root = { depth: 0, name: "all", self: 0 };

test("the root is the empty path", () => assert.equal(pathOf(tree("main 1"), 0), ""));

test("names are joined by semicolons", () => assert.equal(pathOf(tree("main 1\n  read 2"), 2), "main;read"));

const awkward = ["a;b", "a\\b", "\\", ";", "", "7", "\\7", "🔥\ud83d", "a\nb", "<b>", "\u202eabc"];

for (const name of awkward) {
  test(`the name ${JSON.stringify(name)} survives, above and below another`, () => {
    const nodes = [root, { depth: 1, name, self: 0 }, { depth: 2, name: "leaf", self: 1 }, { depth: 3, name, self: 1 }];
    const odd = readTree(messageOf(nodes));
    for (const node of [1, 2, 3]) assert.equal(nodeOf(odd, pathOf(odd, node)), node);
  });
}

test("siblings of one name are told apart", () => {
  const twins = readTree(messageOf([root, { depth: 1, name: "f", self: 1 }, { depth: 1, name: "g", self: 1 }, { depth: 1, name: "f", self: 1 }]));
  assert.equal(pathOf(twins, 3), "f\\2");
  assert.equal(nodeOf(twins, "f\\2"), 3);
  assert.equal(nodeOf(twins, "f\\3"), -1);
});

test("a place 10,000 deep has a short path and is found again", () => {
  const deep = deepTree(10_000);
  const path = pathOf(deep, 9_999);
  assert.ok(path.length < 100, path);
  assert.equal(nodeOf(deep, path), 9_999);
  assert.equal(nodeOf(deepTree(9_998), path), -1);
});

test("a name of 10,000 characters has a short path", () => {
  const long = readTree(messageOf([root, { depth: 1, name: "x".repeat(10_000), self: 1 }]));
  assert.ok(pathOf(long, 1).length < 200);
  assert.equal(nodeOf(long, pathOf(long, 1)), 1);
});

test("a place that is gone is -1, and its last name can be told", () => {
  assert.equal(nodeOf(tree("main 1"), "main;gone"), -1);
  assert.equal(lastName("main;a\\;b"), "a;b");
  assert.equal(lastName(pathOf(deepTree(5_000), 5_000)), "f1");
});

test("plain names lead to the node they name", () => {
  const sample = tree("main 1\n  read 2");
  assert.equal(nodeOfNames(sample, ["main", "read"]), 2);
  assert.equal(nodeOfNames(sample, ["main", "x"]), -1);
});
