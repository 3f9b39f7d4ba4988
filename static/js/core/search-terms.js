/**
 * What is searched: the term in the box, and terms that were pinned before it, each with a colour of its own. A term is a
 * regular expression, or fuzzy text.
 */

import { fuzzyPattern } from "./fuzzy.js";
import { compile } from "./search.js";

/** So many colours can be told apart from each other and from frames. */
export const MAX_TERMS = 5;

/**
 * Expressions in the order of their colours: pinned ones, then that of the box, so that pinning it changes no colour.
 * @param {{q: string, pins: string, fuzzy: boolean}} state `pins`: one a line  @returns {string[]}
 */
export function patternsOf({ q, pins, fuzzy }) {
  const typed = [...pins.split("\n"), q].filter((text) => text.trim() !== "").slice(0, MAX_TERMS);
  return typed.map((text) => (fuzzy ? fuzzyPattern(text) : text));
}

/** One expression for whatever any term matches; "" for no search. @param {string[]} patterns */
export function anyOf(patterns) {
  return patterns.length < 2 ? (patterns[0] ?? "") : patterns.map((pattern) => `(?:${pattern})`).join("|");
}

/**
 * @param {string[]} patterns  @returns {{regexes: RegExp[], error: string}} no expression when one of them is invalid
 */
export function compileAll(patterns) {
  const compiled = patterns.map(compile).filter(({ regex, error }) => regex !== null || error !== "");
  const error = compiled.find((one) => one.error !== "")?.error ?? "";
  return { regexes: error ? [] : compiled.map(({ regex }) => regex), error };
}

/** What names a list shows: all without a search. @param {string[]} patterns  @returns {{test: (name: string) => boolean}|null} */
export function nameFilter(patterns) {
  const { regexes } = compileAll(patterns);
  return regexes.length === 0 ? null : { test: (name) => regexes.some((regex) => regex.test(name)) };
}
