/** The rows that a table shows of kept batches: those that fit, in the order of time, or sorted while nothing comes. */

import { fittingRows } from "./feed-filter.js";

/** @typedef {import("./feed-wire.js").EventBatch} EventBatch */
/** @typedef {{batch: EventBatch, row: number}} Place */

export class FeedRows {
  /** Of each batch: which rows fit (null: all), and the number of the first of them. */
  #parts = [];
  #end = 0;
  #order = null;
  #filters = [];
  #followed = null;

  get length() {
    return this.#end - this.begin;
  }

  /** Number of the first row: rows have numbers that never change, until something else is filtered. */
  get begin() {
    return this.#parts[0]?.start ?? this.#end;
  }

  get isSorted() {
    return this.#order !== null;
  }

  /**
   * @param {EventBatch[]} batches  @param {{field: object, test: Function}[]} filters
   * @param {import("./feed-follow.js").FollowedProcess|null} followed
   */
  fill(batches, filters, followed) {
    this.#filters = filters;
    this.#followed = followed;
    this.#parts = [];
    this.#end = 0;
    this.#order = null;
    for (const batch of batches) this.add(batch);
  }

  /** @param {EventBatch} batch the newest  @returns {number} how many of its rows fit */
  add(batch) {
    const rows = bothOf(this.#followed?.rowsOf(batch) ?? null, fittingRows(batch, this.#filters));
    const count = rows === null ? batch.length : rows.length;
    this.#parts.push({ batch, rows, start: this.#end });
    this.#end += count;
    return count;
  }

  /** The oldest batches are gone. @param {number} batches how many  @returns {number} rows that went with them */
  drop(batches) {
    const before = this.begin;
    this.#parts.splice(0, batches);
    return this.begin - before;
  }

  /** @param {number} index from 0 on, of what is shown  @returns {Place} */
  at(index) {
    return this.#place(this.#order ? this.#order[index] : index);
  }

  /** The row's own number, which stays when others go. @param {number} index */
  numberOf(index) {
    return this.begin + (this.#order ? this.#order[index] : index);
  }

  /** @param {number} number  @returns {number} its index now; -1: it is gone */
  indexOf(number) {
    const plain = number - this.begin;
    if (plain < 0 || plain >= this.length) return -1;
    return this.#order ? this.#order.indexOf(plain) : plain;
  }

  /** @param {import("./feed-wire.js").Field|null} field null: in the order of time  @param {boolean} reversed */
  sort(field, reversed) {
    this.#order = null;
    if (field === null) return;
    const ranks = rank(Array.from({ length: this.length }, (_, i) => valueAt(this.#place(i), field)), reversed);
    const most = 2 ** Math.ceil(Math.log2(this.length + 1));
    // One number of rank and place: equal ones stay in the order of time, and numbers are sorted without calls.
    const keys = Float64Array.from(ranks, (r, i) => r * most + i).sort();
    this.#order = Uint32Array.from(keys, (key) => key % most);
  }

  /** The first row at or after a time; events of several CPUs come a little out of order. @param {number} ms */
  firstSince(ms, field) {
    for (const { batch, rows, start } of this.#parts) {
      for (let i = 0; i < (rows?.length ?? batch.length); i++) {
        if (batch.value(field, rows ? rows[i] : i) >= ms) return start - this.begin + i;
      }
    }
    return this.length - 1;
  }

  #place(plain) {
    const number = this.begin + plain;
    let [low, high] = [0, this.#parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#parts[middle].start <= number) low = middle;
      else high = middle - 1;
    }
    const { batch, rows, start } = this.#parts[low];
    return { batch, row: rows ? rows[number - start] : number - start };
  }
}

function valueAt({ batch, row }, field) {
  return batch.value(field, row) ?? "";
}

/** Of each value which it is of the distinct ones in their order. */
function rank(values, reversed) {
  const distinct = [...new Set(values)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (reversed) distinct.reverse();
  const ranks = new Map(distinct.map((value, i) => [value, i]));
  return values.map((value) => ranks.get(value));
}

/** Rows that are in both, null being all. */
function bothOf(first, second) {
  if (first === null || second === null) return first ?? second;
  const among = new Set(second);
  return first.filter((row) => among.has(row));
}
