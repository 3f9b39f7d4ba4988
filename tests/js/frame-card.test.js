/** What the card of a frame tells and takes away: where it ran, its stack, its address in an editor. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { editorUrl, stackText, templateError } from "../../static/js/core/frame-text.js";
import { splitOf } from "../../static/js/core/split.js";
import { tree } from "./messages.js";
import { randomSamples, treeOf } from "./stacks.js";

const PROCESSES = { kinds: { web: 0, db: 0, "thread 7": 0 } };
const sample = tree("db 0\n  read 5\nweb 0\n  main 1\n    read 2\n      read 4\n  thread 7 0\n    read 8", PROCESSES);

test("a function's total is apart by the groups above it, and below itself it counts once", () => {
  assert.deepEqual(splitOf(sample, "=read"), { total: 19, self: 19, places: 4, parts: [["web › thread 7", 8], ["web", 6], ["db", 5]], more: 0, others: 0, sides: null });
  assert.deepEqual(splitOf(sample, "=gone"), { total: 0, self: 0, places: 0, parts: [], more: 0, others: 0, sides: null });
  assert.deepEqual(splitOf(sample, "~(").parts, []);
});

test("without groups there is one part, and parts always add up", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { total, parts, more } = splitOf(treeOf(randomSamples(seed)), "=b");
    assert.equal(parts.reduce((sum, [, value]) => sum + value, more), total);
    assert.ok(parts.length <= 1);
  }
  const names = Array.from({ length: 30 }, (_, i) => `p${i}`);
  const many = tree(names.map((name, i) => `${name} 0\n  read ${i + 1}`).join("\n"), { kinds: Object.fromEntries(names.map((name) => [name, 0])) });
  const split = splitOf(many, "=read");
  assert.deepEqual([split.parts.length, split.others, split.parts.reduce((sum, [, value]) => sum + value, split.more)], [6, 24, split.total]);
});

test("a stack is a line per frame, and hostile names stay on theirs", () => {
  const hostile = tree("main 0\n  \u202egnp 1", { modules: { main: "web" } });
  assert.equal(stackText(hostile, 2), "main  (web)\n\ufffdgnp");
});

test("an editor's address has the file and the line, and nothing that ends it", () => {
  const template = "vscode://file/{file}:{line}";
  assert.equal(editorUrl(template, { file: "/srv/a b/x.py", line: 7 }), "vscode://file//srv/a%20b/x.py:7");
  assert.equal(editorUrl(template, { file: "/x.py?a#b", line: 0 }), "vscode://file//x.py%3Fa%23b:1");
  assert.equal(editorUrl(template, { file: "", line: 3 }), "");
  assert.equal(editorUrl("javascript:alert('{file}')", { file: "/x", line: 1 }), "");
});

test("an address that runs something, lacks the file or has no scheme is refused in words", () => {
  assert.equal(templateError("idea://open?file={file}&line={line}"), "");
  for (const bad of ["javascript:{file}", "DATA:text/html,{file}", "/{file}", "", "vscode://file/"]) assert.notEqual(templateError(bad), "", bad);
});
