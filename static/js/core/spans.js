/**
 * Parts of a profile's time, as somebody selects them: `[from, to)` in seconds after its start, of all samples or of one row
 * of the heat map. As text one a line, `1.5-2`, `1.5-2@cpu:CPU 3` or, for all of a row, `@cpu:CPU 3`, which is also what the
 * server is asked with.
 */

import { printable } from "./labels.js";

/** As the server has it (profiler/query/parts.py). */
const MAX_SPANS = 256;
const TEXT = /^(?:(\d{1,9}(?:\.\d{1,9})?)-(\d{1,9}(?:\.\d{1,9})?))?(?:@((?:thread|process|cpu):.*))?$/;
const WHOLE = [0, Infinity];

/** @typedef {[number, number, string?]} Span with its lane, such as "cpu:CPU 3", when it is of one */

/** @param {string} text  @returns {Span[]} in the order of time, without what is no span; those that touch are one */
export function parseSpans(text) {
  const found = text.split("\n").filter(Boolean).map((line) => TEXT.exec(line)).filter(Boolean).map(([, from, to, lane]) => [...(from ? [Number(from), Number(to)] : WHOLE), ...(lane ? [lane] : [])]);
  return joined(found.filter(([from, to]) => from < to)).slice(0, MAX_SPANS);
}

/** @param {Span[]} spans  @returns {string} */
export function formatSpans(spans) {
  return joined(spans).slice(0, MAX_SPANS).map(([from, to, lane]) => `${to === Infinity ? "" : `${seconds(from)}-${seconds(to)}`}${lane ? `@${lane}` : ""}`).join("\n");
}

/** Those of one lane that overlap or touch as one. @param {Span[]} spans  @returns {Span[]} */
export function joined(spans) {
  const result = [];
  const lastOf = new Map();
  for (const span of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = lastOf.get(span[2]);
    if (last && span[0] <= last[1]) last[1] = Math.max(last[1], span[1]);
    else {
      result.push([...span]);
      lastOf.set(span[2], result.at(-1));
    }
  }
  return result;
}

/** All of a lane. @param {string} lane  @returns {Span} */
export function wholeLane(lane) {
  return [...WHOLE, lane];
}

/** @param {string} lane  @returns {string} as its row is called */
export function laneName(lane) {
  return lane.slice(lane.indexOf(":") + 1);
}

/** @param {Span} span  @returns {string} for people: "1.2–1.85 s", "CPU 3", "CPU 3, 1.2–1.85 s" */
export function spanText([from, to, lane]) {
  const name = lane ? printable(laneName(lane)) : "";
  if (to === Infinity) return name;
  return `${name}${name && ", "}${seconds(from)}–${seconds(to)}\u2009s`;
}

/** Microseconds are finer than any cell. */
function seconds(value) {
  return String(Number(value.toFixed(6)));
}
