/** A histogram on the axis of a host's lanes: percentiles by steps, and what a part of the time had. No DOM. */

import { Buckets, HistogramSeries, sum } from "./histogram.js";

/** After the percentiles that the server names: the highest bucket that has a value. */
const HIGHEST = ["max", 1];

export class LaneHistogram {
  #series;
  #knownUntil;
  #begin;

  /** @param {object} answer of `/api/v1/hosts/<id>/histograms/<probe>`  @param {{begin: number, step: number, steps: number}} axis that it was asked for */
  constructor(answer, { begin, step, steps }) {
    this.about = answer;
    this.buckets = new Buckets(answer.edges, answer.linear);
    this.shares = [...answer.percentiles, HIGHEST];
    this.step = step;
    this.end = begin + step * steps;
    this.lookedFrom = answer.looked_from_ms;
    this.#begin = begin;
    this.#knownUntil = answer.known_until_ms;
    this.#series = new HistogramSeries(answer.edges.length, step, steps + 1);
    for (const { at_ms: at, first, counts } of answer.steps) this.#series.add({ start_ms: at, end_ms: at + step, rows: [{ labels: [], first, counts }], examples: [] });
  }

  /** Whether an axis shows nothing that was not asked for. @param {{begin: number, step: number, steps: number}} axis  @param {boolean} live what comes is added */
  covers({ begin, step, steps }, live) {
    return step === this.step && begin >= this.#begin && (live || begin + step * steps <= this.end);
  }

  /** What came over the socket, unless the answer had it. @param {object} told profiler/core/histogram_wire.py  @returns {boolean} whether it is new */
  add(told) {
    return told.start_ms >= this.#knownUntil - 1 && this.#series.add(told);
  }

  /** @param {{begin: number, step: number, steps: number}} axis  @returns {(Float64Array|null)[]} by steps; null: nothing was counted */
  columns({ begin, step, steps }) {
    const found = new Array(steps).fill(null);
    for (const { at, counts } of this.#series.columns(null, begin + step * steps)) {
      const i = Math.round((at - begin) / step);
      if (i >= 0 && i < steps && sum(counts) > 0) found[i] = counts;
    }
    return found;
  }

  /** @param {{begin: number, end: number}} part whole steps  @returns {Float64Array} by bucket */
  total({ begin, end }) {
    return this.#series.total(null, { from: begin, to: end });
  }

  /** @param {ArrayLike<number>|null} counts  @returns {{name: string, found: import("./histogram.js").Percentile|null}[]} */
  percentiles(counts) {
    return this.shares.map(([name, share]) => ({ name, found: counts && this.buckets.percentile(counts, share) }));
  }

  /** "8.2–16 µs": a percentile's bucket is known, its place in there is not. @param {import("./histogram.js").Percentile|null} found */
  text(found) {
    if (found === null) return "–";
    const bucket = this.buckets.index(found.low);
    const { texts } = this.about;
    if (found.high === Infinity) return `${texts[bucket]} or more`;
    return between(texts[bucket], texts[bucket + 1]);
  }
}

/** A unit that both have is told once. */
function between(low, high) {
  const unit = high.split(" ")[1];
  return unit !== undefined && low.endsWith(` ${unit}`) ? `${low.slice(0, -unit.length - 1)}–${high}` : `${low}–${high}`;
}

/**
 * Lines of percentiles as places on the axis of buckets, with the buckets that the picture shows.
 * @param {LaneHistogram} histogram  @param {(Float64Array|null)[]} columns
 * @returns {{low: number, high: number, lines: {name: string, values: (number|null)[]}[]}} `low` and `high`: where the picture ends
 */
export function percentileLines(histogram, columns) {
  const lines = histogram.shares.map(([name, share]) => ({
    name,
    values: columns.map((counts) => counts && histogram.buckets.place(histogram.buckets.percentile(counts, share).value)),
  }));
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  const low = Math.floor(known.reduce((least, value) => Math.min(least, value), Infinity));
  const high = Math.ceil(known.reduce((most, value) => Math.max(most, value), 0) + 0.01);
  return { low: known.length ? low : 0, high: known.length ? Math.max(high, low + 1) : 1, lines };
}
