import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { colorFrames, colorIndex, palette, swatch } from "../../static/js/core/colors.js";
import { KINDS } from "../../static/js/core/kinds.js";
import { MAX_TERMS } from "../../static/js/core/search-terms.js";
import { contrast } from "../../static/js/core/oklch.js";
import { tree } from "./messages.js";

const READABLE = 4.5; // WCAG 2.2, 1.4.3
const tokens = readFileSync(new URL("../../static/css/tokens.css", import.meta.url), "utf8");
const surface = /--surface: light-dark\((#\w+), (#\w+)\)/.exec(tokens);

for (const [i, theme] of ["light", "dark"].entries()) {
  for (const name of ["kind", "hot", "diff"]) {
    test(`every label of ${name} on ${theme} is readable`, () => {
      const p = palette(name, theme);
      const pairs = [["fills", "text"], ["fills", "textDim"], ["ancestors", "textAncestor"], ["unmatched", "textUnmatched"]];
      for (const [fills, ink] of pairs) {
        for (const fill of p[fills]) assert.ok(contrast(fill, p[ink]) >= READABLE, `${ink} on ${fill}: ${contrast(fill, p[ink])}`);
      }
    });
    test(`matches of ${name} on ${theme} stand out from every fill`, () => {
      const p = palette(name, theme);
      assert.equal(p.marks.length, MAX_TERMS);
      for (const mark of p.marks) for (const fill of [...p.unmatched, p.surface]) assert.ok(contrast(fill, mark) >= 3, `${mark} ${fill}`);
    });
  }
  test(`the ${theme} canvas has the page's surface`, () => assert.equal(palette("kind", theme).surface, surface[i + 1]));
  test(`kinds look different on ${theme}`, () => {
    assert.equal(new Set(KINDS.map((_, kind) => swatch(kind, theme))).size, KINDS.length);
  });
}

test("the contrast formula gives the known extremes", () => {
  assert.equal(contrast("#000000", "#ffffff").toFixed(1), "21.0");
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});

test("a name has one colour, in whatever profile it occurs", () => {
  const [a, b] = [tree("main 1\n  read 2"), tree("boot 1\nread 9\nzzz 1")];
  const colorOf = (t, name) => colorFrames(t, "kind")[t.frame[[...t.frame].findIndex((_, node) => t.name(node) === name)]];
  assert.equal(colorOf(a, "read"), colorOf(b, "read"));
});

test("many names spread over a kind's fills", () => {
  const used = new Set(Array.from({ length: 500 }, (_, i) => colorIndex("kind", `function_${i}`, 1)));
  assert.equal(used.size, 12);
});

test("a kind of a later version is drawn as unknown", () => {
  assert.equal(colorIndex("kind", "x", 99), colorIndex("kind", "x", 8));
});

test("every index has a fill", () => {
  for (const name of ["kind", "hot"]) {
    const { fills } = palette(name, "light");
    for (let kind = 0; kind < KINDS.length; kind++) for (let i = 0; i < 200; i++) assert.ok(fills[colorIndex(name, `f${i}`, kind)]);
  }
});
