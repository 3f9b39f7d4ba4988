import assert from "node:assert/strict";
import { test } from "node:test";
import { WireError, decode } from "../../static/js/core/wire.js";
import { readTree } from "../../static/js/core/tree.js";
import { message, messageOf } from "./messages.js";

const good = message("main 1\n  work 3");
const refused = (buffer, text) => assert.throws(() => readTree(buffer), (error) => error instanceof WireError && text.test(error.message));

test("other bytes are named as such", () => {
  refused(new ArrayBuffer(0), /0 bytes that do not begin with "WPT1"/);
  refused(new TextEncoder().encode("<!doctype html>").buffer, /not a profile message/);
});

test("every possible cut is refused, and never read past the end", () => {
  for (let length = 0; length < good.byteLength; length++) {
    // The last section's padding carries nothing.
    if (good.byteLength - length < 8) continue;
    refused(good.slice(0, length), /cut short|WPT1/);
  }
});

test("an unknown schema says which one and what to do", () => {
  refused(messageOf([{ depth: 0, name: "all", self: 0 }], { header: { schema: 7 } }), /schema 7; this page reads schema 1.*Reload/);
});

test("a missing section is named", () => {
  const { header } = decode(good);
  const sections = header.sections.filter((section) => section.name !== "self");
  refused(message("main 1\n  work 3", { header: { sections } }), /section self is missing/);
});

for (const [what, change, text] of [
  ["an unknown dtype", { dtype: "f16" }, /section depth: unknown dtype f16/],
  ["a negative offset", { offset: -8 }, /section depth: bad offset -8/],
  ["an unaligned offset", { offset: 3 }, /section depth: bad offset 3/],
  ["a fractional length", { length: 1.5 }, /bad offset 0 or length 1.5/],
  ["a length beyond the end", { length: 1e9 }, /cut short in section depth/],
]) {
  test(`${what} is refused`, () => {
    const sections = decode(good).header.sections.map((section) => (section.name === "depth" ? { ...section, ...change } : section));
    refused(message("main 1\n  work 3", { header: { sections } }), text);
  });
}

test("columns that do not fit together are refused", () => {
  refused(message("main 1", { header: { nodes: 5 } }), /2 nodes, but the header says 5/);
  refused(message("main 1", { header: { strings: ["only one"] } }), /entry \d is \d, only 1 exist/);
  refused(message("main 1", { header: { total: 12 } }), /sum up to 1, the header says 12/);
  refused(message("main 1", { cuts: [[9, 1, 1]] }), /section cut_node: entry 0 is 9/);
});

test("depths that jump and values that are no numbers are refused", () => {
  const root = { depth: 0, name: "all", self: 0 };
  refused(messageOf([root, { depth: 2, name: "a", self: 1 }]), /depth 2 of node 1 follows 0/);
  refused(messageOf([root, { depth: 0, name: "a", self: 1 }]), /depth 0 of node 1/);
  refused(messageOf([root, { depth: 1, name: "a", self: NaN }], { self: "f64" }), /value NaN of node 1/);
  refused(messageOf([root, { depth: 1, name: "a", self: -1 }], { self: "f64" }), /value -1 of node 1/);
});

test("sections of a later version are left alone", () => {
  const sections = [...decode(good).header.sections, { name: "colour", dtype: "u8", offset: 0, length: 1 }];
  assert.equal(readTree(message("main 1\n  work 3", { header: { sections } })).length, 3);
});
