/**
 * The events of one feed that a page holds, however they came: entries of its stream in their order. It knows of which time
 * it has all events, because each entry says how many its feed had sent before it, and exactly how many are missing in between.
 *
 * @typedef {import("./feed-wire.js").EventBatch} EventBatch
 * @typedef {{begin: number, end: number}} Span Unix ms
 */

/** Of one feed; a page can have several. */
export const MAX_EVENTS = 100_000;
/** Of texts, two bytes each at most. */
export const MAX_CHARACTERS = 16 * 2 ** 20;
/** Entries that don't count what was sent before them follow each other when no more time is between them. */
const CLOSE_MS = 2500;

/** The column of times, of every feed. */
const AT = "at_ns";

/** @typedef {{id: string, place: [number, number], source: number, batches: EventBatch[], span: Span, began: string, before: number|null, events: number, lost: Object<string, number>}} Entry */

export class EventRecord {
  /** @type {Entry[]} */
  #entries = [];
  #ids = new Map();
  #chain = null;
  #characters = 0;
  /** Events that are held, and older ones that are not any more. */
  events = 0;
  letGo = 0;

  constructor(most = MAX_EVENTS, mostCharacters = MAX_CHARACTERS) {
    Object.assign(this, { most, mostCharacters });
  }

  /** @param {EventBatch} batch  @param {number} source of one answer or connection: what several of them send is held once  @returns {boolean} false: it is held */
  add(batch, source) {
    const known = this.#ids.get(batch.header.entry);
    if (known && known.source !== source) return false;
    this.#chain = null;
    this.events += batch.length;
    this.#characters += batch.characters;
    if (known) {
      known.batches.push(batch);
      known.events += batch.length;
    } else this.#insert(entryOf(batch, source));
    this.#forget();
    return true;
  }

  get newest() {
    return this.#entries.at(-1) ?? null;
  }

  /** @param {Span} part  @returns {EventBatch[]} those that may have events of it */
  batches({ begin, end }) {
    return this.#overlapping(begin, end).flatMap(({ batches }) => batches);
  }

  /**
   * What is known of a part. @param {Span} part  @param {Span|null} tail in which nothing came although the feed ran
   * @returns {{spans: Span[], ms: number, missing: number, lost: Object<string, number>}} `missing`: events that were sent and
   *   are not held; `lost`: on the host, by cause
   */
  known({ begin, end }, tail = null) {
    const { spans, gaps } = this.#links();
    const inside = [...spans, ...(tail ? [tail] : [])].map((span) => ({ begin: Math.max(begin, span.begin), end: Math.min(end, span.end) }));
    const kept = merged(inside.filter((span) => span.begin < span.end));
    const lost = {};
    for (const entry of this.#overlapping(begin, end)) for (const [cause, n] of Object.entries(entry.lost)) lost[cause] = (lost[cause] ?? 0) + n;
    return {
      spans: kept,
      ms: kept.reduce((sum, span) => sum + span.end - span.begin, 0),
      missing: gaps.filter((gap) => gap.begin < end && gap.end > begin).reduce((sum, gap) => sum + gap.events, 0),
      lost,
    };
  }

  #overlapping(begin, end) {
    return this.#entries.filter(({ span }) => span.begin < end && span.end >= begin);
  }

  /** Mostly it is the newest. */
  #insert(entry) {
    let at = this.#entries.length;
    while (at > 0 && isLater(this.#entries[at - 1].place, entry.place)) at--;
    this.#entries.splice(at, 0, entry);
    this.#ids.set(entry.id, entry);
  }

  #forget() {
    while ((this.events > this.most || this.#characters > this.mostCharacters) && this.#entries.length > 1) {
      const { id, events, batches } = this.#entries.shift();
      this.#ids.delete(id);
      this.events -= events;
      this.#characters -= batches.reduce((sum, { characters }) => sum + characters, 0);
      this.letGo += events;
    }
  }

  /** Time between entries of which the later one goes on where the earlier one ended: nothing happened in it. */
  #links() {
    if (this.#chain) return this.#chain;
    const [spans, gaps] = [[], []];
    let last = null;
    for (const entry of this.#entries) {
      const events = last && missingBetween(last, entry);
      if (events === 0) spans.at(-1).end = Math.max(spans.at(-1).end, entry.span.end);
      else {
        if (last && events !== null) gaps.push({ begin: last.span.end, end: entry.span.begin, events });
        spans.push({ ...entry.span });
      }
      last = entry;
    }
    return (this.#chain = { spans, gaps });
  }
}

function entryOf(batch, source) {
  const { entry, start_ms: start, end_ms: end, began, sent_before: before, lost, lost_before: base } = batch.header;
  // A first batch has what happened while the agent began to read, too.
  const begin = batch.column(AT).reduce((least, ns) => Math.min(least, batch.baseMs + ns / 1e6), start);
  const here = Object.fromEntries(Object.entries(lost ?? {}).map(([cause, n]) => [cause, n - (base?.[cause] ?? 0)]).filter(([, n]) => n > 0));
  return { id: entry, place: entry.split("-").map(Number), source, batches: [batch], span: { begin, end }, began, before, events: batch.length, lost: here };
}

/** Events that were sent between two entries; null: nobody knows. */
function missingBetween(last, entry) {
  if (entry.before === null || last.before === null) return entry.span.begin - last.span.end <= CLOSE_MS ? 0 : null;
  if (entry.began !== last.began) return null;
  return Math.max(0, entry.before - last.before - last.events);
}

function isLater([ms, n], [otherMs, otherN]) {
  return ms > otherMs || (ms === otherMs && n > otherN);
}

/** Of spans in any order those that touch as one. @param {Span[]} spans  @returns {Span[]} */
export function merged(spans) {
  const found = [];
  for (const span of [...spans].sort((a, b) => a.begin - b.begin)) {
    const last = found.at(-1);
    if (last && span.begin <= last.end) last.end = Math.max(last.end, span.end);
    else found.push({ ...span });
  }
  return found;
}
