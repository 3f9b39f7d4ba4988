/** In which order a call tree lists the callees of a frame. */

const ONE_SIDE = ["total", "self", "name"];
const TWO_SIDES = ["total", "a", "b", "name"];

/** @param {string} text of a URL: a column, after `-` the other way round  @param {boolean} twoSides  @returns {{column: string, reversed: boolean}} */
export function parseCallSort(text, twoSides) {
  const column = text.replace(/^-/, "");
  return (twoSides ? TWO_SIDES : ONE_SIDE).includes(column) ? { column, reversed: text.startsWith("-") } : { column: "total", reversed: false };
}

/** What a click on a column's head asks for. @param {string} now  @param {string} column  @param {boolean} twoSides */
export function nextCallSort(now, column, twoSides) {
  const sorted = parseCallSort(now, twoSides);
  return sorted.column === column && !sorted.reversed ? `-${column}` : column;
}

/** @param {string} column  @param {boolean} reversed  @returns {"ascending"|"descending"} */
export function callDirection(column, reversed) {
  return (column === "name") === reversed ? "descending" : "ascending";
}

/**
 * How much a node weighs: its total, or, with two sides, by how much it changed. The largest changes come first, whichever their sign.
 * @param {import("./tree.js").Tree} tree  @returns {(node: number) => number}
 */
export function weightOf(tree) {
  return tree.diff ? (node) => Math.abs(tree.diff.of(node).by) : (node) => tree.total[node];
}

/** @param {import("./tree.js").Tree} tree  @param {string} sort  @returns {(a: number, b: number) => number} of two nodes */
export function callOrder(tree, sort) {
  const { column, reversed } = parseCallSort(sort, Boolean(tree.diff));
  const sign = reversed ? -1 : 1;
  if (column === "name") return (a, b) => sign * (tree.name(a) < tree.name(b) ? -1 : tree.name(a) > tree.name(b) ? 1 : a - b);
  const value = { total: weightOf(tree), self: (node) => tree.self[node], a: (node) => tree.diff.a.total[node], b: (node) => tree.diff.b.total[node] }[column];
  return (a, b) => sign * (value(b) - value(a)) || a - b;
}
