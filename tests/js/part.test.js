/** Parts of large trees: what can be seen, where it is in the whole. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Answers } from "../../static/js/core/answers.js";
import { CallRows } from "../../static/js/core/call-rows.js";
import { FlameView } from "../../static/js/core/flame-view.js";
import { MOST_CALLEES, partOf, visiblePart } from "../../static/js/core/part.js";
import { nodeOf, pathOf } from "../../static/js/core/path.js";
import { readTree, reshape } from "../../static/js/core/tree.js";
import { decode } from "../../static/js/core/wire.js";
import { tree } from "./messages.js";

const FOLDER = new URL("../golden/part/", import.meta.url);
const PIXELS = 5;

function golden(file) {
  const bytes = readFileSync(new URL(file, FOLDER));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

/** A part as a tree of the same family. */
function part(whole, closer = {}, pixels = PIXELS) {
  return Object.assign(reshape(whole, visiblePart(whole, closer, pixels)), { family: whole.family });
}

for (const name of ["whole", "cut"]) {
  test(`the part of ${name}.wpt is Python's`, () => {
    const shape = visiblePart(readTree(golden(`${name}.wpt`)), {}, PIXELS);
    const { columns, header } = decode(golden(`${name}.part.wpt`));
    for (const column of ["depth", "self", "place", "start", "cut_node", "cut_value", "cut_count"]) {
      assert.deepEqual(Array.from(shape[column]), Array.from(columns[column]), column);
    }
    assert.equal(shape.total, header.total);
  });
}

const whole = readTree(golden("whole.wpt"));

test("frames of a part are where they are in the whole, with their totals", () => {
  const seen = part(whole);
  assert.ok(seen.partial && seen.length < whole.length);
  for (let node = 0; node < seen.length; node++) {
    const place = seen.place[node];
    assert.deepEqual([seen.start[node], seen.total[node], seen.name(node)], [whole.start[place], whole.total[place], whole.name(place)]);
    assert.equal(seen.nodeOfPlace(place), node);
  }
});

test("closer to a range, what is narrow there is in the part, and what is narrow elsewhere is not", () => {
  const narrow = Array.from(whole.total.keys()).filter((node) => whole.total[node] * PIXELS < whole.total[0]);
  const [one] = narrow;
  const range = { start: whole.start[one], end: whole.start[one] + whole.total[one] };
  const seen = part(whole, { ranges: [range] });
  assert.ok(seen.nodeOfPlace(one) > 0);
  const beside = narrow.filter((node) => whole.start[node] >= range.end);
  assert.ok(beside.length > 0);
  for (const node of beside) assert.equal(seen.nodeOfPlace(node), -1);
});

test("a node that must be there comes with all above it, and nothing beside", () => {
  const last = whole.length - 1;
  const seen = part(whole, { must: [last] });
  for (const node of whole.ancestry(last)) assert.ok(seen.nodeOfPlace(node) >= 0);
  assert.equal(seen.length, new Set([...part(whole).place, ...whole.ancestry(last)]).size);
});

test("a small tree is its own part", () => {
  assert.equal(partOf(whole).depth, whole.depth);
  assert.equal(partOf(whole).place, undefined);
});

test("another part keeps zoom, selection and viewport where they were", () => {
  const last = whole.length - 1;
  const view = new FlameView();
  view.setTree(part(whole));
  view.zoomTo(view.tree.length - 1);
  const [zoomed, viewport] = [view.tree.place[view.focus], view.viewport];
  view.selected = view.focus;
  view.setTree(part(whole, { must: [last, zoomed] }));
  assert.deepEqual([view.tree.place[view.focus], view.tree.place[view.selected]], [zoomed, zoomed]);
  assert.deepEqual(view.viewport, viewport);
});

test("a zoomed frame that another part lacks gives way to its caller", () => {
  const last = whole.length - 1;
  const view = new FlameView();
  view.setTree(part(whole, { must: [last] }));
  view.zoomTo(view.tree.nodeOfPlace(last));
  const lacking = part(whole);
  const nearest = whole.ancestry(last).findLast((place) => lacking.nodeOfPlace(place) >= 0);
  view.setTree(lacking);
  assert.equal(view.tree.place[view.focus], nearest);
});

test("rows that are open stay open in another part, and what was left out can be opened", () => {
  const before = new CallRows(part(whole));
  for (const node of before.rows) before.setOpen(node, true);
  const open = before.rows.filter((node) => before.isOpen(node)).map((node) => before.tree.place[node]);
  const after = new CallRows(part(whole, { must: [whole.length - 1, ...before.tree.place] }), before);
  for (const place of open) assert.ok(after.isOpen(after.tree.nodeOfPlace(place)));
  assert.ok(before.rows.some((node) => before.hasMore(node) && before.hasCallees(node)));
});

test("edges that are not a frame's place are refused", () => {
  const { header, columns } = decode(golden("whole.part.wpt"));
  const moved = columns.start.slice();
  moved[moved.length - 1] += 10 ** 6;
  assert.throws(() => reshape(readTree(golden("whole.part.wpt")), { ...columns, start: moved, total: header.total }), /which is not its place/);
});

/** More functions below one than a part has, one of them below itself. */
function large() {
  const rare = Array.from({ length: 25_000 }, (_, i) => `  f${i} 1`);
  return tree(["main 0", "  often 100000", "    deep 1", "    rare 2", ...rare].join("\n"));
}

test("the whole counts, finds and steps through what its part lacks", () => {
  const all = large();
  const answers = new Answers(all);
  const { strings, columns, shape } = answers.open();
  assert.equal(strings.length, all.strings.length);
  assert.deepEqual(columns.frame_name, all.frames.name);
  assert.ok(shape.place.length < 10);
  assert.deepEqual(answers.count([], "^f\\d+$\nrare"), { count: 25_001, value: 25_002, terms: [{ count: 25_000, value: 25_000 }, { count: 1, value: 2 }] });
  const widest = answers.matchAt([], "rare|often", 0);
  assert.equal(all.name(widest.node), "often");
  assert.deepEqual([widest.start, widest.end], [all.start[widest.node], all.start[widest.node] + all.total[widest.node]]);
  assert.equal(answers.matchAt([], "rare", 1).node, -1);
  const path = pathOf(all, nodeOf(all, "main;f24999"));
  assert.equal(answers.place([], path).node, nodeOf(all, path));
  assert.equal(answers.place([], "main;gone").node, -1);
  assert.equal(all.name(answers.widest([], "f7").node), "f7");
  assert.ok(answers.part([], { ranges: [{ start: 100_003, end: 100_100 }] }).place.length > 50);
});

test("steps are taken on the whole, and their result is a part again", () => {
  const answers = new Answers(large());
  const { shape, taken } = answers.transform(["hide=often"]);
  assert.equal(shape.total, 125_003);
  assert.equal(taken[0].dropped, 0);
  assert.ok(shape.place.length < 10);
  assert.equal(answers.count(["hide=often"], "often").count, 0);
});

test("a row that is opened has its largest callees, however narrow, and tells of the others", () => {
  const count = 5000;
  const wide = tree(["main 0", ...Array.from({ length: count }, (_, i) => `  f${i} ${i < 150 ? 2 : 1}`)].join("\n"));
  const opened = part(wide, { callees: [1] }, PIXELS);
  assert.equal(opened.length, 2 + MOST_CALLEES);
  assert.equal(opened.self.filter((value) => value === 2).length, 150);
  assert.equal(opened.cutBelow(1).count, count - MOST_CALLEES);
  assert.equal(opened.total[0], wide.total[0]);
  assert.equal(part(wide, { callees: [1], must: [4000] }, PIXELS).nodeOfPlace(4000) >= 0, true);
});
