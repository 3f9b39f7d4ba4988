/** The lane of a feed's events, while somebody watches it: how many there were in each second. */

/** What a page keeps: as long as seconds of counters are kept. */
const KEPT_S = 3600;

export class EventCounts {
  #seconds = new Map();

  /** @param {import("./feed-wire.js").EventBatch} batch  @param {string} at name of the column with its times */
  take(batch, at) {
    const { start_ms: start, end_ms: end } = batch.header;
    // Also of a batch without events: it says that there were none.
    for (let second = Math.floor(start / 1000); second * 1000 < end && second * 1000 < start + KEPT_S * 1000; second++) this.#add(second, 0);
    for (const ns of batch.column(at)) this.#add(Math.floor((batch.baseMs + ns / 1e6) / 1000), 1);
    for (const second of this.#seconds.keys()) if (second * 1000 < end - KEPT_S * 1000) this.#seconds.delete(second);
  }

  #add(second, events) {
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + events);
  }

  /** Events per second by steps; null where nobody watched. @param {{begin: number, step: number, steps: number}} axis  @returns {(number|null)[]} */
  values({ begin, step, steps }) {
    return Array.from({ length: steps }, (_, i) => {
      const first = Math.floor((begin + i * step) / 1000);
      const known = Array.from({ length: step / 1000 }, (_, s) => this.#seconds.get(first + s)).filter((events) => events !== undefined);
      return known.length ? known.reduce((sum, events) => sum + events, 0) / known.length : null;
    });
  }
}

/** @param {() => {title: string, counts: EventCounts}|null} watched  @returns {import("./host-lanes.js").Lane} */
export function eventLane(watched) {
  return {
    id: "events", title: "Events", about: "Of the feed that is watched, since it was; per second", unit: "/s", shape: "lines", least: 1,
    parts: (data) => (watched() ? [{ name: watched().title, tone: 6, values: watched().counts.values(data) }] : []),
  };
}
