/** The order of a page's table: which column, and how its cells compare. */

/** @param {string} head of a column  @returns {string} its name in URLs: "Memory used" is `memory-used` */
export function columnKey(head) {
  return head.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
}

/** @param {string} text of a URL: a column, after `-` the other way round  @returns {{key: string, reversed: boolean}} */
export function parseOrder(text) {
  return text.startsWith("-") ? { key: text.slice(1), reversed: true } : { key: text, reversed: false };
}

/** What a press on a column asks for: numbers from the largest, words from A; once more, the other way round; then as it was. */
export function nextOrder(now, key, numeric) {
  const first = numeric ? `-${key}` : key;
  const second = numeric ? key : `-${key}`;
  return now === first ? second : now === second ? "" : first;
}

/**
 * @param {string} text of a cell, or the exact value behind it  @param {boolean} numeric
 * @returns {number|string} what has no number is less than any
 */
export function cellKey(text, numeric) {
  if (!numeric) return text.trim().toLowerCase();
  const number = Number.parseFloat(text.replace(/[\s,]/g, ""));
  return Number.isNaN(number) ? -Infinity : number;
}

/**
 * @template T  @param {T[]} rows  @param {(row: T) => number|string} keyOf  @param {boolean} reversed
 * @returns {T[]} equal ones stay as they were
 */
export function ordered(rows, keyOf, reversed) {
  const sign = reversed ? -1 : 1;
  const keyed = rows.map((row) => [keyOf(row), row]);
  return keyed.sort(([a], [b]) => sign * (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);
}
