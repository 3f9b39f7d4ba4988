/** Functions of two sides as rows of a table: which are listed, in which order, and what is not. */

import { count } from "./format.js";

/** Columns that can be sorted by: changes begin with the largest, whichever its sign; numbers with the largest, words with the first. */
export const DIFF_SORTS = ["self", "total", "a", "b", "name", "module"];
const WORDS = new Set(["name", "module"]);

/**
 * @typedef {object} DiffRow
 * @property {string} name  @property {string} module  @property {number} kind
 * @property {{a: number, b: number, by: number, beyond: boolean}} self own values of both sides and their change
 * @property {{a: number, b: number, by: number, beyond: boolean}} total
 */

/** @param {import("./diff.js").Diff} diff  @returns {DiffRow[]} every function that the server told of */
export function diffRows(diff) {
  const sides = ([a, b]) => ({ a, b, ...diff.between(a, b) });
  return diff.functions.map(({ name, module, kind, self, total }) => ({ name, module, kind, self: sides(self), total: sides(total) }));
}

/**
 * What no row has: with it the own values of all rows are those of everything that is left.
 * @param {import("./diff.js").Diff} diff  @returns {{words: string, self: {a: number, b: number, by: number, beyond: boolean}}|null} null: nothing is missing
 */
export function notListed(diff) {
  const rest = (side, i) => diff[side].total[0] - diff.functions.reduce((sum, { self }) => sum + self[i], 0);
  const [a, b] = [rest("a", 0), rest("b", 1)];
  const { names, places } = diff.lacks;
  if (names === 0 && places === 0 && a === 0 && b === 0) return null;
  const parts = [];
  if (names > 0) parts.push(names === 1 ? "1 more name that changed less" : `${count(names)} more names that changed less`);
  if (places > 0) parts.push(places === 1 ? "1 place that was too small to be sent" : `${count(places)} places that were too small to be sent`);
  return { words: parts.join(" and ") || "stacks of which no frame is left", self: { a, b, ...diff.between(a, b) } };
}

/** @param {string} text of a URL: a column, after `-` the other way round  @returns {{column: string, reversed: boolean}} */
export function parseDiffSort(text) {
  const column = text.replace(/^-/, "");
  return DIFF_SORTS.includes(column) ? { column, reversed: text.startsWith("-") } : { column: "self", reversed: false };
}

/** @param {string} column  @param {boolean} reversed  @returns {"ascending"|"descending"} */
export function diffDirection(column, reversed) {
  return WORDS.has(column) === reversed ? "descending" : "ascending";
}

/** What a click on a column's head asks for. @param {string} now  @param {string} column */
export function nextDiffSort(now, column) {
  const sorted = parseDiffSort(now);
  return sorted.column === column && !sorted.reversed ? `-${column}` : column;
}

/** @param {DiffRow[]} rows  @param {string} sort  @param {{test: (name: string) => boolean}|null} filter  @returns {DiffRow[]} */
export function listDiffRows(rows, sort, filter) {
  const { column, reversed } = parseDiffSort(sort);
  const number = { self: ({ self }) => Math.abs(self.by), total: ({ total }) => Math.abs(total.by), a: ({ self }) => self.a, b: ({ self }) => self.b }[column];
  const compare = (x, y) => (x < y ? -1 : x > y ? 1 : 0);
  const order = WORDS.has(column) ? (x, y) => compare(x[column], y[column]) : (x, y) => number(y) - number(x);
  const listed = rows.filter(({ name, self, total }) => (filter === null || filter.test(name)) && (total.a > 0 || total.b > 0 || self.by !== 0));
  listed.sort((x, y) => order(x, y) || compare(x.name, y.name));
  return reversed ? listed.reverse() : listed;
}
