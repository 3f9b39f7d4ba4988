/**
 * What a histogram counted, by the second and by row, and percentiles of it; no DOM. The same rules as in
 * profiler/core/histogram.py: a percentile's bucket is exact, its place in the bucket is not known.
 *
 * @typedef {{at: number, value: number, pid: number, tid: number, comm: string, key: string, labels: string[]}} Example
 * @typedef {{low: number, value: number, high: number}} Percentile
 */

/** Between the values of labels in a row's key; no label has it. */
const BETWEEN = "\u0000";
/** Of a step and bucket. */
const MAX_EXAMPLES = 8;

export class HistogramSeries {
  #steps = new Map();
  #rows = new Map();
  #lost = new Map();
  #entry = [0, 0];

  /** @param {number} buckets  @param {number} stepMs the width of a column  @param {number} columns the newest that are kept */
  constructor(buckets, stepMs, columns) {
    this.buckets = buckets;
    this.stepMs = stepMs;
    this.most = columns;
  }

  /** The end of the newest batch, Unix ms; 0 before the first. */
  newest = 0;
  /** In all that came, and in the newest batch. */
  events = 0;
  newestEvents = 0;

  /** @param {object} told profiler/core/histogram_wire.py  @returns {boolean} false: it had come before */
  add(told) {
    if (told.entry && !this.#isNew(told.entry)) return false;
    const number = Math.floor((told.start_ms + told.end_ms) / 2 / this.stepMs);
    const step = this.#step(number);
    const before = this.events;
    for (const { labels, first, counts } of told.rows) {
      const key = labels.join(BETWEEN);
      if (!this.#rows.has(key)) this.#rows.set(key, labels);
      const row = step.rows.get(key) ?? new Float64Array(this.buckets);
      counts.forEach((count, i) => (row[first + i] += count));
      step.rows.set(key, row);
      this.events += counts.reduce((sum, count) => sum + count, 0);
    }
    for (const [at, value, pid, tid, comm, labels] of told.examples) this.#keep({ at, value, pid, tid, comm, labels, key: labels.join(BETWEEN) });
    for (const [cause, count] of Object.entries(told.lost_now ?? {})) this.#lost.set(cause, (this.#lost.get(cause) ?? 0) + count);
    this.newest = Math.max(this.newest, told.end_ms);
    this.newestEvents = this.events - before;
    this.#forget();
    return true;
  }

  /** By cause. */
  get lost() {
    return [...this.#lost];
  }

  /** Rows by how much they counted in what is kept, the most first. @returns {{key: string, labels: string[], events: number}[]} */
  rows() {
    const found = [...this.#rows].map(([key, labels]) => ({ key, labels, events: sum(this.total(key)) }));
    return found.sort((a, b) => b.events - a.events || (a.key < b.key ? -1 : 1));
  }

  /**
   * Columns up to a moment without gaps, the oldest first. @param {string|null} key of a row; null: all together
   * @param {number} until Unix ms  @returns {{at: number, counts: Float64Array|null}[]} null: nothing is known of that time
   */
  columns(key, until = this.newest) {
    const last = Math.floor((until - 1) / this.stepMs);
    const first = Math.max(last - this.most + 1, Math.min(...this.#steps.keys()));
    if (!Number.isFinite(first)) return [];
    const empty = new Float64Array(this.buckets);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
      const step = this.#steps.get(first + i);
      return { at: (first + i) * this.stepMs, counts: step ? this.#counts(step, key) : empty };
    });
  }

  /** By bucket, in a part of the time or in all of it. @param {string|null} key */
  total(key, { from = -Infinity, to = Infinity } = {}) {
    const total = new Float64Array(this.buckets);
    for (const [number, step] of this.#steps) {
      if (number * this.stepMs < from || number * this.stepMs >= to) continue;
      this.#counts(step, key).forEach((count, i) => (total[i] += count));
    }
    return total;
  }

  /**
   * The slowest first. @param {(value: number) => number} bucketOf
   * @param {{key: string|null, low?: number, high?: number, from?: number, to?: number}} wanted  @returns {Example[]}
   */
  examples(bucketOf, { key, low = 0, high = Infinity, from = -Infinity, to = Infinity }) {
    const fits = (one) => (key === null || one.key === key) && low <= bucketOf(one.value) && bucketOf(one.value) <= high;
    const found = [];
    for (const [number, step] of this.#steps) {
      if (number * this.stepMs >= from && number * this.stepMs < to) found.push(...step.examples.filter(fits));
    }
    return found.sort((a, b) => b.value - a.value || b.at - a.at);
  }

  #counts(step, key) {
    if (key !== null) return step.rows.get(key) ?? new Float64Array(this.buckets);
    const total = new Float64Array(this.buckets);
    for (const row of step.rows.values()) row.forEach((count, i) => (total[i] += count));
    return total;
  }

  #step(number) {
    if (!this.#steps.has(number)) this.#steps.set(number, { rows: new Map(), examples: [] });
    return this.#steps.get(number);
  }

  #keep(example) {
    const { examples } = this.#step(Math.floor(example.at / this.stepMs));
    if (examples.length < MAX_EXAMPLES * this.buckets) examples.push(example);
  }

  #forget() {
    const oldest = Math.floor((this.newest - 1) / this.stepMs) - this.most;
    for (const number of this.#steps.keys()) if (number <= oldest) this.#steps.delete(number);
  }

  /** Entries of a stream come in order; a socket that comes back sends some again. */
  #isNew(entry) {
    const [ms, number] = entry.split("-").map(Number);
    const later = ms > this.#entry[0] || (ms === this.#entry[0] && number > this.#entry[1]);
    if (later) this.#entry = [ms, number];
    return later;
  }
}

/** Buckets by their least values. */
export class Buckets {
  /** @param {number[]} edges  @param {boolean} linear */
  constructor(edges, linear) {
    this.edges = edges;
    this.linear = linear;
  }

  get count() {
    return this.edges.length;
  }

  /** @param {number} bucket  @returns {number} what it ends before; Infinity for the last */
  limit(bucket) {
    return this.edges[bucket + 1] ?? Infinity;
  }

  index = (value) => {
    let found = this.edges.length - 1;
    while (found > 0 && this.edges[found] > value) found--;
    return found;
  };

  /** Where a value stands on an axis whose unit is a bucket. */
  place(value) {
    const bucket = this.index(value);
    const [low, high] = [this.edges[bucket], this.limit(bucket)];
    if (high === Infinity) return bucket;
    return bucket + (this.linear || low === 0 ? (value - low) / (high - low) : Math.log(value / low) / Math.log(high / low));
  }

  /** Nearest rank. @param {ArrayLike<number>} counts  @param {number} share  @returns {Percentile|null} null without values */
  percentile(counts, share) {
    const all = sum(counts);
    if (all === 0) return null;
    const rank = Math.min(all, Math.max(1, Math.ceil(Number((share * all).toFixed(6)))));
    let [bucket, before] = [0, 0];
    while (before + counts[bucket] < rank) before += counts[bucket++];
    const [low, high] = [this.edges[bucket], this.limit(bucket)];
    if (high === Infinity) return { low, value: low, high };
    const part = (rank - 0.5 - before) / counts[bucket];
    return { low, value: this.linear || low === 0 ? low + (high - low) * part : low * (high / low) ** part, high };
  }
}

/** @param {ArrayLike<number>} counts */
export function sum(counts) {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  return total;
}
