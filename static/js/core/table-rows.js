/** Which functions a table lists, and in which order. */

/** Columns of the table that can be sorted by; numbers begin with the largest, words with the first. */
export const SORTS = ["self", "total", "places", "name", "module"];
const WORDS = new Set(["name", "module"]);

/** @param {string} text of a URL: a column, after `-` the other way round  @returns {{column: string, reversed: boolean}} */
export function parseSort(text) {
  const column = text.replace(/^-/, "");
  return SORTS.includes(column) ? { column, reversed: text.startsWith("-") } : { column: "self", reversed: false };
}

/** What a click on a column's head asks for. @param {string} now  @param {string} column */
export function nextSort(now, column) {
  const { column: sorted, reversed } = parseSort(now);
  return sorted === column && !reversed ? `-${column}` : column;
}

/** @param {string} column  @param {boolean} reversed  @returns {"ascending"|"descending"} */
export function direction(column, reversed) {
  return WORDS.has(column) === reversed ? "descending" : "ascending";
}

/**
 * @param {import("./functions.js").FunctionTable} table  @param {import("./tree.js").Tree} tree whose frames it is about
 * @param {string} sort  @param {{test: (name: string) => boolean}|null} filter names to list, all when null
 * @returns {Uint32Array} entries of the table
 */
export function tableRows(table, { frames, strings }, sort, filter) {
  const { column, reversed } = parseSort(sort);
  const text = (names) => (row) => strings[names[table.frame[row]]];
  const name = text(frames.name);
  const rows = Uint32Array.from(table.frame.keys()).filter((row) => filter === null || filter.test(name(row)));
  const word = column === "module" ? text(frames.module) : name;
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const order = WORDS.has(column) ? (a, b) => compare(word(a), word(b)) || a - b : (a, b) => table[column][b] - table[column][a] || a - b;
  rows.sort(order);
  return reversed ? rows.reverse() : rows;
}
