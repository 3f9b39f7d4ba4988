/** Events on an axis of time: how many there are at each place, and which is nearest. Pure; times are Unix ms. */

/** @typedef {import("./event-record.js").EventRecord} EventRecord */
/** @typedef {import("./feed-wire.js").Field} Field */

/** @param {EventRecord} record  @param {string} at its column of times  @param {{begin: number, end: number}} range  @param {number} places  @returns {Uint32Array} events in each of so many equal parts of the range */
export function countsOver(record, at, { begin, end }, places) {
  const counts = new Uint32Array(places);
  const scale = places / (end - begin);
  for (const batch of record.batches({ begin, end })) {
    for (const ns of batch.column(at)) {
      const place = Math.floor((batch.baseMs + ns / 1e6 - begin) * scale);
      if (place >= 0 && place < places) counts[place]++;
    }
  }
  return counts;
}

/**
 * Events per second by steps; null where nothing is known of them.
 * @param {EventRecord} record  @param {string} at  @param {{begin: number, step: number, steps: number}} axis  @param {{begin: number, end: number}|null} tail
 * @returns {(number|null)[]}
 */
export function ratesOver(record, at, { begin, step, steps }, tail) {
  const range = { begin, end: begin + step * steps };
  const counts = countsOver(record, at, range, steps);
  return knownShares(record.known(range, tail).spans, range, steps).map((share, i) => (share === 0 ? null : (counts[i] * 1000) / (share * step)));
}

/** Which share of each step is known. @param {{begin: number, end: number}[]} spans  @returns {number[]} */
export function knownShares(spans, { begin, end }, steps) {
  const step = (end - begin) / steps;
  const shares = new Array(steps).fill(0);
  for (const span of spans) {
    const last = Math.min(steps, Math.ceil((span.end - begin) / step));
    for (let i = Math.max(0, Math.floor((span.begin - begin) / step)); i < last; i++) {
      const from = begin + i * step;
      shares[i] += Math.max(0, Math.min(span.end, from + step) - Math.max(span.begin, from)) / step;
    }
  }
  return shares;
}

/**
 * The event that is nearest to a moment. @param {EventRecord} record  @param {Field} time  @param {{begin: number, end: number}} part  @param {number} ms
 * @returns {{batch: object, row: number, events: number}|null} `events`: how many the part has
 */
export function nearest(record, time, part, ms) {
  let best = null;
  let events = 0;
  for (const batch of record.batches(part)) {
    for (let row = 0; row < batch.length; row++) {
      const at = batch.value(time, row);
      if (at < part.begin || at >= part.end) continue;
      events++;
      if (best === null || Math.abs(at - ms) < Math.abs(best.at - ms)) best = { batch, row, at };
    }
  }
  return best && { batch: best.batch, row: best.row, events };
}

/** Which rows of a batch lie in a part, as core/feed-rows.js asks. */
export class RowsOfPart {
  /** @param {{begin: number, end: number}} part  @param {Field} time */
  constructor(part, time) {
    Object.assign(this, { part, time });
  }

  /** @param {import("./feed-wire.js").EventBatch} batch  @returns {Uint32Array} */
  rowsOf(batch) {
    const rows = Uint32Array.from({ length: batch.length }, (_, row) => row);
    return rows.filter((row) => {
      const at = batch.value(this.time, row);
      return at >= this.part.begin && at < this.part.end;
    });
  }
}
