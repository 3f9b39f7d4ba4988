/** How the view moves: viewport, zoom, selection, and carrying them over to the next tree of a live run. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FlameView, NONE } from "../../static/js/core/flame-view.js";
import * as viewport from "../../static/js/core/viewport.js";
import { tree } from "./messages.js";

const text = "main 0\n  read 40\n    vfs 10\n  write 30\nidle 20";

function viewOf(source = text) {
  const view = new FlameView();
  view.setTree(tree(source));
  return view;
}

test("zooming at a point keeps that point where it is", () => {
  const before = { start: 10, end: 90 };
  const after = viewport.zoomAt(before, 0.5, 0.25, 100);
  assert.deepEqual([after.end - after.start, after.start + 0.25 * 40], [40, 30]);
});

test("the viewport never leaves the tree and never gets too small to tell values apart", () => {
  assert.deepEqual(viewport.pan({ start: 0, end: 10 }, -3, 100), { start: 0, end: 10 });
  assert.deepEqual(viewport.pan({ start: 90, end: 100 }, 3, 100), { start: 90, end: 100 });
  assert.deepEqual(viewport.zoomAt({ start: 20, end: 80 }, 99, 0.1, 100), { start: 0, end: 100 });
  const tiny = viewport.zoomAt({ start: 0, end: 100 }, 1e-30, 0.5, 100);
  assert.equal(tiny.end - tiny.start, 0.5);
});

test("a zoomed frame fills the width, and back returns step by step to the root", () => {
  const view = viewOf();
  view.zoomTo(1);
  view.zoomTo(3);
  assert.deepEqual([view.zoom, view.viewport], ["main;read;vfs", { start: 0, end: 10 }]);
  view.back();
  assert.equal(view.zoom, "main");
  view.back();
  assert.deepEqual([view.zoom, view.back()], ["", false]);
});

test("moving out of the zoomed frame lets go to the caller that fills the width", () => {
  const view = viewOf();
  view.zoomTo(2);
  view.zoomAt(0.5, 0.5);
  assert.equal(view.zoom, "main;read");
  view.pan(1);
  assert.equal(view.zoom, "main");
  view.zoomAt(100, 0.5);
  assert.equal(view.zoom, "");
});

test("the selection moves to caller, widest callee and neighbours", () => {
  const view = viewOf();
  const seen = ["child", "child", "child", "right", "parent"].map((way) => view.tree.name(view.moveSelection(way)));
  assert.deepEqual(seen, ["all", "main", "read", "write", "main"]);
});

test("the next tree of a live run keeps zoom, selection and search, and nothing jumps", () => {
  const view = viewOf();
  view.zoomTo(2);
  view.selected = 3;
  view.search("vfs");
  view.setTree(tree("boot 7\nmain 0\n  open 3\n  read 80\n    vfs 20\n  write 60\nidle 40"));
  assert.equal(view.zoom, "main;read");
  assert.equal(view.tree.name(view.selected), "vfs");
  assert.equal(view.matches.value, 20);
  assert.deepEqual(view.viewport, { start: 10, end: 110 });
});

test("a viewport within the zoomed frame keeps its relative place in the next tree", () => {
  const view = viewOf();
  view.zoomTo(1);
  view.zoomAt(0.5, 0);
  view.setTree(tree("main 0\n  read 80\n    vfs 20\n  write 60\nidle 40"));
  assert.deepEqual(view.viewport, { start: 0, end: 80 });
});

test("a zoomed frame that is gone gives way to its nearest caller", () => {
  const view = viewOf();
  view.zoomTo(3);
  view.selected = 3;
  view.setTree(tree("main 0\n  read 40\n  write 30\nidle 20"));
  assert.deepEqual([view.zoom, view.selected], ["main;read", NONE]);
});

test("an invalid pattern leaves the matches as they were", () => {
  const view = viewOf();
  view.search("read");
  view.search("read(");
  assert.equal(view.matches.value, 50);
  assert.match(view.searchError, /Not a valid pattern/);
});

test("stepping through matches goes round, and reveals what is too narrow", () => {
  const view = viewOf("main 0\n  big 100000\n  slow 4\n    slow 1");
  view.search("slow");
  assert.deepEqual([view.stepMatch(1), view.matchNumber, view.stepMatch(1), view.stepMatch(1)], [3, 1, 4, 3]);
  assert.equal(view.reveal(3, 0.002), true);
  assert.equal(view.zoom, "main;slow");
  assert.equal(view.reveal(3, 0.002), false);
});

test("a link to a frame that is gone shows the root and says so", () => {
  const view = viewOf();
  view.zoomTo(1);
  assert.equal(view.zoomToPath("main;gone"), false);
  assert.equal(view.zoom, "");
});

test("an empty profile can be looked at, moved and searched without harm", () => {
  const view = viewOf("");
  view.search("x");
  view.zoomTo(0);
  assert.deepEqual([view.empty, view.nodeAt(0, 0.5), view.matches.count, view.back()], [true, NONE, 0, false]);
  view.setTree(tree("main 1"));
  assert.deepEqual(view.viewport, { start: 0, end: 1 });
});
