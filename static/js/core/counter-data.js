/**
 * Counters of a host as the page holds them: one window of time in steps, which moves on while it is live.
 * Names and values are those of `/api/v1/hosts/<id>/counters` (profiler/core/counters.py); null is "not known".
 */

/** @typedef {(number|null)[]} Values by step */

export class CounterData {
  #columns = new Map();

  /** @param {object} answer of the API */
  constructor(answer) {
    this.begin = answer.begin_s * 1000;
    this.step = answer.step_s * 1000;
    this.steps = Math.max(1, answer.values[0]?.length ?? 0);
    this.lost = answer.lost_s;
    this.put(answer);
  }

  get end() {
    return this.begin + this.steps * this.step;
  }
  get range() {
    return { begin: this.begin, end: this.end };
  }
  /** Whether anything is known of the window. */
  get empty() {
    return this.#columns.size === 0;
  }
  /** Where the last known step ends, or the window begins. */
  get knownUntil() {
    let last = -1;
    for (const values of this.#columns.values()) last = Math.max(last, values.findLastIndex((value) => value !== null));
    return this.begin + (last + 1) * this.step;
  }

  /** Take another answer in, of the same step. What it does not know stays. @param {object} answer */
  put(answer) {
    this.lost = Math.max(this.lost, answer.lost_s);
    const shift = Math.round((answer.begin_s * 1000 - this.begin) / this.step);
    answer.names.forEach((name, row) => {
      const own = this.#columns.get(name) ?? new Array(this.steps).fill(null);
      answer.values[row].forEach((value, i) => {
        if (value !== null && i + shift >= 0 && i + shift < this.steps) own[i + shift] = value;
      });
      this.#columns.set(name, own);
    });
  }

  /** Move the window so that it ends there. @param {number} end a whole step later or earlier */
  moveTo(end) {
    const by = Math.round((end - this.end) / this.step);
    if (by === 0) return;
    this.begin += by * this.step;
    for (const [name, values] of this.#columns) {
      const moved = Array.from({ length: this.steps }, (_, i) => values[i + by] ?? null);
      this.#columns.set(name, moved);
      if (moved.every((value) => value === null)) this.#columns.delete(name);
    }
  }

  /** @param {string} name  @returns {Values} all null when nobody knows it */
  get(name) {
    return this.#columns.get(name) ?? new Array(this.steps).fill(null);
  }

  /** Devices that have a counter. @param {string} name  @returns {string[]} */
  devices(name) {
    return [...this.#columns.keys()].filter((one) => one.startsWith(`${name}:`)).map((one) => one.slice(name.length + 1)).sort();
  }

  /** Of all these devices together; not known where none is. @param {string} name  @param {(device: string) => boolean} wanted  @returns {Values} */
  sum(name, wanted) {
    return added(...this.devices(name).filter(wanted).map((device) => this.get(`${name}:${device}`)));
  }
}

/** Sums of what is known. @param {...Values} all  @returns {Values} */
export function added(...all) {
  const length = all[0]?.length ?? 0;
  return Array.from({ length }, (_, i) => all.reduce((sum, values) => (values[i] === null ? sum : (sum ?? 0) + values[i]), null));
}

/** @param {(...numbers: number[]) => number|null} f  @param {...Values} all  @returns {Values} null where one is not known, or the result is no number */
export function combined(f, ...all) {
  return all[0].map((_, i) => {
    if (all.some((values) => values[i] === null)) return null;
    const result = f(...all.map((values) => values[i]));
    return Number.isFinite(result) ? result : null;
  });
}
