/**
 * Parts of a profile's time, as somebody selects them: `[from, to)` in seconds after its start. As text one a line,
 * `1.5-2`, which is also what the server is asked with.
 */

/** As the server has it (profiler/query/parts.py). */
const MAX_SPANS = 100;
const TEXT = /^(\d{1,9}(?:\.\d{1,9})?)-(\d{1,9}(?:\.\d{1,9})?)$/;

/** @typedef {[number, number]} Span */

/** @param {string} text  @returns {Span[]} in the order of time, without what is no span; those that touch are one */
export function parseSpans(text) {
  const found = text.split("\n").map((line) => TEXT.exec(line)).filter(Boolean).map(([, from, to]) => [Number(from), Number(to)]);
  return joined(found.filter(([from, to]) => from < to)).slice(0, MAX_SPANS);
}

/** @param {Span[]} spans  @returns {string} */
export function formatSpans(spans) {
  return joined(spans).slice(0, MAX_SPANS).map(([from, to]) => `${seconds(from)}-${seconds(to)}`).join("\n");
}

/** Those that overlap or touch as one. @param {Span[]} spans  @returns {Span[]} */
export function joined(spans) {
  const result = [];
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** @param {Span} span  @returns {string} for people: "1.2–1.85 s" */
export function spanText([from, to]) {
  return `${seconds(from)}–${seconds(to)}\u2009s`;
}

/** Microseconds are finer than any cell. */
function seconds(value) {
  return String(Number(value.toFixed(6)));
}
