/** Which events are not on the page, where they were lost and why: exact, over all connections since the page was opened. */

/** Causes that agents and server tell, in the words of profiler/core/event_batch.py: where that is, and why. */
const KNOWN = {
  "kernel ring full": ["kernel", "its ring was full: more came than the agent read"],
  "kernel ring full, small for want of memory": ["kernel", "its ring was full, and smaller than usual: other feeds of this host have the memory that feeds may take"],
  "too many at once": ["kernel", "the probe had no room to remember more that had begun at once"],
  "agent too slow": ["agent", "it was slower than what came"],
  "not delivered to Redis": ["agent", "Redis took nothing, and the agent had no room for more"],
  "left Redis unread": ["Redis", "they left the stream before the server read them, or could not be read"],
};

export class FeedLosses {
  /** By cause: of connections before this one, and of this one. */
  #before = new Map();
  #now = new Map();
  #dropped = { before: { batches: 0, events: 0 }, now: { batches: 0, events: 0 } };
  #base = null;
  #expected = null;
  #missed = 0;
  #after = null;

  /** A connection begins: sums of the one before are kept. */
  connected() {
    for (const [cause, n] of this.#now) this.#before.set(cause, (this.#before.get(cause) ?? 0) + n);
    this.#now = new Map();
    this.#base = null;
    const { before, now } = this.#dropped;
    this.#dropped = { before: { batches: before.batches + now.batches, events: before.events + now.events }, now: { batches: 0, events: 0 } };
    this.#after = this.#expected?.entry ?? null;
  }

  /** @param {{batches: number, events: number}} sums of this connection */
  dropped({ batches, events }) {
    this.#dropped.now = { batches, events };
    // What the server left out is not missed as well.
    if (this.#expected) this.#expected.sent = null;
  }

  /**
   * Takes note of a message. @param {object} header  @returns {boolean} false: it came before, over another connection
   */
  take(header) {
    if (this.#after !== null && !isLater(header.entry, this.#after)) return false;
    this.#base ??= header.lost_before;
    for (const [cause, n] of Object.entries(header.lost)) this.#now.set(cause, n - (this.#base[cause] ?? 0));
    this.#countMissed(header);
    return true;
  }

  #countMissed({ entry, began, sent_before, events }) {
    const last = this.#expected;
    const again = last?.entry === entry && this.#after === null;
    if (!again && this.#after !== null && last?.sent !== null && last?.began === began && sent_before !== null) this.#missed += Math.max(0, sent_before - last.sent);
    this.#after = null;
    const base = again ? last.sent : sent_before;
    this.#expected = { entry, began, sent: base === null ? null : base + events };
  }

  /** @param {number} letGo by the page  @param {number} kept most that it keeps  @returns {{where: string, why: string, events: number}[]} */
  rows(letGo = 0, kept = 0) {
    const causes = new Set([...this.#before.keys(), ...this.#now.keys()]);
    const lost = [...causes].map((cause) => {
      const [where, why] = KNOWN[cause] ?? ["host", cause];
      return { where, why, events: (this.#before.get(cause) ?? 0) + (this.#now.get(cause) ?? 0) };
    });
    const { before, now } = this.#dropped;
    const batches = before.batches + now.batches;
    lost.push({ where: "server", why: `this browser was slow: it left out ${batches} whole batches`, events: before.events + now.events });
    lost.push({ where: "connection", why: "they came while this page was not connected", events: this.#missed });
    lost.push({ where: "this page", why: `it keeps the newest ${kept}; these were shown before`, events: letGo });
    return lost.filter(({ events }) => events > 0);
  }

  /** Events that this page never had. */
  get total() {
    return this.rows().reduce((sum, { events }) => sum + events, 0);
  }
}

/** Ids of a stream are two numbers. */
function isLater(entry, than) {
  const [ms, n] = entry.split("-").map(Number);
  const [otherMs, otherN] = than.split("-").map(Number);
  return ms > otherMs || (ms === otherMs && n > otherN);
}
