/**
 * Filters of the page, one per column. Of texts: `word`, `=all of it`, `/regular expression/`. Of numbers: `7`, `3,7`,
 * `>5`, `<=10`, `5..10`; durations and sizes with units: `>1.5ms`, `4KiB..1MiB`. A `!` before it turns it round.
 */

import { compile } from "./search.js";

const UNITS = {
  duration: { ns: 1, us: 1e3, "µs": 1e3, ms: 1e6, s: 1e9, min: 60e9 },
  bytes: { b: 1, kb: 1000, mb: 1e6, gb: 1e9, k: 1024, m: 2 ** 20, g: 2 ** 30, kib: 1024, mib: 2 ** 20, gib: 2 ** 30 },
};
const NUMBERS = new Set(["number", "duration", "bytes", "pid", "uid", "port"]);
const AMOUNT = /^(-?\d+(?:\.\d+)?)\s*([a-zµ]*)$/i;

/** @typedef {{error: string, test: ((value: any) => boolean)|null}} Filter `test` null: everything fits */

export function isNumber(shows) {
  return NUMBERS.has(shows);
}

/** @param {string} text  @param {string} shows  @returns {Filter} of a column's values */
export function parseFilter(text, shows) {
  const typed = text.trim();
  if (typed === "") return { error: "", test: null };
  const turned = typed.startsWith("!");
  const rest = turned ? typed.slice(1).trim() : typed;
  const { error, test } = isNumber(shows) ? ofNumbers(rest, shows) : ofTexts(rest);
  return error ? { error, test: null } : { error: "", test: turned ? (value) => !test(value) : test };
}

function ofTexts(text) {
  if (/^\/.*\/$/s.test(text)) return ofExpression(text.slice(1, -1));
  if (text.startsWith("=")) return { error: "", test: (value) => value === text.slice(1) };
  const word = text.toLowerCase();
  return { error: "", test: (value) => value.toLowerCase().includes(word) };
}

function ofExpression(source) {
  if (source === "") return { error: "An empty expression: write one between the slashes.", test: null };
  const { regex, error } = compile(source);
  return { error, test: regex && ((value) => regex.test(value)) };
}

function ofNumbers(text, shows) {
  const parts = text.split(",").map((part) => range(part.trim(), shows));
  const wrong = parts.find((part) => part === null);
  if (wrong === null) return { error: `No number: write 7, >5, <=10, 5..10 or 3,7${units(shows)}.`, test: null };
  return { error: "", test: (value) => parts.some((fits) => fits(value)) };
}

function range(text, shows) {
  const between = text.match(/^(.*?)\.\.(.*)$/);
  if (between) {
    const [from, to] = [between[1] === "" ? -Infinity : amount(between[1], shows), between[2] === "" ? Infinity : amount(between[2], shows)];
    return from === null || to === null ? null : (value) => value >= from && value <= to;
  }
  const [, sign, number] = text.match(/^(>=|<=|>|<|=)?(.*)$/s);
  const than = amount(number, shows);
  if (than === null) return null;
  const tests = { ">": (value) => value > than, ">=": (value) => value >= than, "<": (value) => value < than, "<=": (value) => value <= than };
  return tests[sign] ?? ((value) => value === than);
}

function amount(text, shows) {
  const found = text.trim().match(AMOUNT);
  if (!found) return null;
  const factor = found[2] === "" ? 1 : UNITS[shows]?.[found[2].toLowerCase()];
  return factor === undefined ? null : Number(found[1]) * factor;
}

function units(shows) {
  return { duration: "; with ns, us, ms, s or min", bytes: "; with B, KiB, MiB or GiB" }[shows] ?? "";
}

/**
 * Rows of a batch that fit all filters; a text is looked at once, however many rows have it.
 * @param {import("./feed-wire.js").EventBatch} batch  @param {{field: object, test: (value: any) => boolean}[]} filters
 * @returns {Uint32Array|null} null: all
 */
export function fittingRows(batch, filters) {
  if (filters.length === 0) return null;
  const tests = filters.map(({ field, test }) => rowTest(batch, field, test));
  const rows = new Uint32Array(batch.length);
  let found = 0;
  for (let row = 0; row < batch.length; row++) if (tests.every((fits) => fits(row))) rows[found++] = row;
  return rows.slice(0, found);
}

/** What is hidden fits nothing: nobody knows what it is. */
function rowTest(batch, field, test) {
  if (!batch.has(field.name)) return () => false;
  const column = batch.column(field.name);
  if (isNumber(field.shows)) return (row) => test(column[row]);
  const fits = batch.textsOf(field.name).map(test);
  return (row) => fits[column[row]];
}
