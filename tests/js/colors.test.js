import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { colorsOf, palette, swatch } from "../../static/js/core/colors.js";
import { KINDS } from "../../static/js/core/kinds.js";
import { MAX_TERMS } from "../../static/js/core/search-terms.js";
import { contrast } from "../../static/js/core/oklch.js";
import { legendOf } from "../../static/js/core/legend.js";
import { COLORS, PALETTES } from "../../static/js/core/palettes.js";
import { framesMeant } from "../../static/js/core/targets.js";
import { KERNEL, PLACEHOLDER, tree } from "./messages.js";

const [PYTHON, JAVA] = [3, 4];

const READABLE = 4.5; // WCAG 2.2, 1.4.3
const tokens = readFileSync(new URL("../../static/css/tokens.css", import.meta.url), "utf8");
const surface = /--surface: light-dark\((#\w+), (#\w+)\)/.exec(tokens);

for (const [i, theme] of ["light", "dark"].entries()) {
  for (const name of [...COLORS, "diff"]) {
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

/** The fill of a name's first frame. */
function fillOf(t, name, palette = "kind") {
  const { colors, byNode } = colorsOf(t, palette);
  const node = [...t.frame].findIndex((_, at) => t.name(at) === name);
  return colors[byNode ? node : t.frame[node]];
}

const MODULES = { read: "libc.so.6", "net::send": "web", "net::tcp::ack": "web", vfs: "[kernel]" };
const LOOK = { kinds: { web: 0, vfs: KERNEL, loads: PYTHON, "java.util.HashMap.get": JAVA, "[unknown]": PLACEHOLDER }, modules: MODULES, files: { loads: "/usr/lib/python3.11/json/__init__.py" } };
const sample = tree("web 0\n  net::send 10\n    net::tcp::ack 5\n      read 3\n        vfs 2\n  loads 1\n  java.util.HashMap.get 1\n  [unknown] 1", LOOK);

for (const name of COLORS.filter((palette) => palette !== "self")) {
  test(`in ${name} a name has one colour, in whatever profile it occurs`, () => {
    const other = tree("web 0\n  boot 1\n    net::send 1\n  read 9\n  zzz 1", LOOK);
    for (const one of ["net::send", "read"]) assert.equal(fillOf(sample, one, name), fillOf(other, one, name));
  });
  test(`in ${name} every frame has a fill`, () => {
    const { fills, middle } = palette(name, "light");
    for (const fill of colorsOf(sample, name).colors) assert.ok(fills[fill] && fills[middle[fill]]);
  });
}

test("many names spread over a kind's fills", () => {
  const names = tree(Array.from({ length: 500 }, (_, i) => `function_${i} 1`).join("\n"));
  assert.equal(new Set(colorsOf(names, "kind").colors).size, 13);
});

test("a kind of a later version is drawn as unknown", () => {
  const [later, unknown] = [99, PLACEHOLDER].map((kind) => fillOf(tree("x 1", { kinds: { x: kind } }), "x"));
  assert.equal(later, unknown);
});

test("frames of a module, a package or a process share a hue", () => {
  const hue = (name, palette) => Math.floor(fillOf(sample, name, palette) / 5);
  assert.equal(hue("net::send", "module"), hue("net::tcp::ack", "module"));
  assert.notEqual(hue("net::send", "module"), hue("read", "module"));
  assert.equal(hue("net::send", "package"), hue("net::tcp::ack", "package"));
  assert.equal(fillOf(sample, "net::tcp::ack", "package") - fillOf(sample, "net::send", "package"), 1);
  assert.equal(hue("net::send", "process"), hue("loads", "process"));
});

test("the colour of self share grows with it, and none has its own", () => {
  const shares = tree("none 0\n  little 2\n  much 998");
  const fills = ["none", "little", "much"].map((name) => fillOf(shares, name, "self"));
  assert.deepEqual(fills, [0, 2, 6]);
});

test("java and js have the colours that flamegraph.pl's users know", () => {
  const meaning = (name, palette) => PALETTES[palette].legend.find(([, fill]) => fill === fillOf(sample, name, palette) - (fillOf(sample, name, palette) % 12))[0];
  assert.deepEqual(["java.util.HashMap.get", "net::send", "vfs", "read"].map((name) => meaning(name, "java")), ["Java, JIT", "C++", "kernel", "other"]);
  assert.equal(meaning("loads", "js"), "inlined, Python");
});

test("the legend lists groups by own value, and its targets mean their frames", () => {
  const listed = (palette) => legendOf(sample, palette).entries.map(({ text, value }) => [text, value]);
  assert.deepEqual(listed("kind"), [["native", 18], ["kernel", 2], ["Java", 1], ["Python", 1], ["cut, unknown or idle", 1], ["process", 0]]);
  assert.deepEqual(listed("module"), [["web", 15], ["libc.so.6", 3], ["[kernel]", 2], ["json", 1]]);
  assert.deepEqual(listed("package"), [["net", 15], ["libc.so.6", 3], ["[kernel]", 2], ["java", 1], ["json", 1]]);
  assert.deepEqual(listed("process"), [["web", 23]]);
  for (const name of ["kind", "module", "package"]) {
    for (const { target, value } of legendOf(sample, name).entries) {
      const meant = framesMeant(sample, target);
      assert.equal([...sample.self].reduce((sum, self, node) => sum + (meant[sample.frame[node]] ? self : 0), 0), value, target);
    }
  }
  assert.equal(legendOf(sample, "hot"), null);
});

test("the legend names the largest and counts the others", () => {
  const many = tree(Array.from({ length: 20 }, (_, i) => `f${i} ${i + 1}`).join("\n"), { modules: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, `lib${i}.so`])) });
  const { entries, more } = legendOf(many, "module");
  assert.deepEqual([entries.length, entries[0].text, more], [8, "lib19.so", 12]);
});
