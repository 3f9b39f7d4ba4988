/** What is shown, as text that other programs read: folded stacks, and a table of functions. */

import { notListed } from "./diff-rows.js";

/** Spreadsheets take text that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** @typedef {import("./tree.js").Tree} Tree */

/**
 * One line for each stack with a value of its own, `a;b;c 12`; of two sides both values, as difffolded.pl writes them.
 * @param {Tree} tree  @returns {string}
 */
export function foldedOf(tree) {
  const lines = [];
  const path = [];
  for (let node = 1; node < tree.length; node++) {
    path.length = tree.depth[node] - 1;
    path.push(foldable(tree.name(node)));
    const values = tree.diff ? [tree.diff.a.self[node], tree.diff.b.self[node]] : [tree.self[node]];
    if (values.some((value) => value > 0)) lines.push(`${path.join(";")} ${values.join(" ")}\n`);
  }
  return lines.join("");
}

/** @param {Tree} tree  @param {import("./functions.js").FunctionTable|null} table of one side  @returns {string} RFC 4180 */
export function csvOf(tree, table) {
  const rows = tree.diff ? sides(tree) : functions(tree, table);
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function functions({ strings, frames, unit }, table) {
  const rows = Array.from(table.frame, (frame, i) => [strings[frames.name[frame]], strings[frames.module[frame]], table.self[i], table.total[i], table.places[i]]);
  return [["function", "module", `self ${unit}`, `total ${unit}`, "places"], ...rows];
}

function sides({ diff, unit }) {
  const head = ["function", "module", ...["self", "total"].flatMap((what) => ["A", "B"].map((side) => `${what} ${side} ${unit}`))];
  const missing = notListed(diff);
  const last = missing ? [[`(${missing.words})`, "", missing.self.a, missing.self.b, "", ""]] : [];
  return [head, ...diff.functions.map(({ name, module, self, total }) => [name, module, ...self, ...total]), ...last];
}

function cell(value) {
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What separates frames and lines can be in no name. */
function foldable(name) {
  return name.replaceAll(";", ":").replace(/\s*[\r\n]+\s*/g, " ");
}
