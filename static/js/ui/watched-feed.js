/** A feed that has a lane: what its stream still holds, and, while the page is live, what comes. Its probe runs as long as this is open. */

import { EventRecord } from "../core/event-record.js";
import { decodeEvents } from "../core/feed-wire.js";
import { FeedSocket } from "./feed-socket.js";
import { heldEvents } from "./held-events.js";

/** Streams hold ten minutes of what comes: what is longer ago is gone, whatever clocks say. */
const HELD_MS = 20 * 60_000;
/** Batches come each second, and take a moment. */
const LATE_MS = 2500;

export class WatchedFeed {
  record = new EventRecord();
  /** What is in the way; "" when nothing is. */
  trouble = "";
  /** Whether an answer had no room for older events. */
  cut = false;
  #host;
  #changed;
  #socket = null;
  #source = 0;
  #runningSince = null;
  #cameAt = 0;
  #asked = null;
  #asking = false;
  #closed = false;

  /** @param {string} host  @param {{probe: string, title: string, fields: object[]}} feed  @param {() => void} changed there is more, or other trouble */
  constructor(host, { probe, title, fields }, changed) {
    Object.assign(this, { probe, title, fields });
    this.#host = host;
    this.#changed = changed;
  }

  get time() {
    return this.fields[0];
  }

  /** @param {{begin: number, end: number}} range that is in sight  @param {boolean} live */
  async show({ begin, end }, live) {
    if (this.#asking) return;
    const asked = this.#asked;
    const known = asked && begin >= asked.begin && (this.#socket || end <= asked.end);
    if (!known) {
      this.#asked = { begin: Math.min(begin, asked?.begin ?? begin), end: Math.max(end, asked?.end ?? end) };
      if (end > Date.now() - HELD_MS) await this.#ask(this.#asked);
    }
    if (live && this.#socket === null && !this.#closed) this.#watch();
  }

  /** Since its last event, or since it runs: nothing came. @returns {{begin: number, end: number}|null} */
  get tail() {
    if (this.#runningSince === null) return null;
    const { newest } = this.record;
    const ofThis = newest?.source === this.#source;
    const begin = ofThis ? newest.span.end : this.#runningSince;
    const end = ofThis ? begin + performance.now() - this.#cameAt - LATE_MS : Date.now() - LATE_MS;
    return end > begin ? { begin, end } : null;
  }

  close() {
    this.#closed = true;
    this.#socket?.close();
  }

  async #ask(range) {
    const source = ++this.#source;
    this.#asking = true;
    try {
      const { messages, cut } = await heldEvents(this.#host, this.probe, range);
      this.cut = cut;
      for (const message of messages) this.record.add(decodeEvents(message), source);
    } catch (error) {
      this.trouble = error.message;
    } finally {
      this.#asking = false;
    }
    if (!this.#closed) this.#changed();
  }

  #watch() {
    this.#socket = new FeedSocket(this.#host, this.probe, {
      take: (buffer) => this.#take(buffer),
      tell: (trouble, running) => {
        this.#runningSince = running ? (this.#runningSince ?? Date.now()) : null;
        this.#tell(trouble);
      },
      connection: (connected) => (this.#source += Number(connected)),
    });
  }

  #take(buffer) {
    this.record.add(decodeEvents(buffer), this.#source);
    this.#cameAt = performance.now();
    this.#changed();
  }

  #tell(trouble) {
    this.trouble = trouble;
    this.#changed();
  }
}

/** Why there is nothing to show. @param {WatchedFeed} watched  @returns {string} */
export function noteOf({ trouble }) {
  if (trouble !== "") return `${trouble[0].toUpperCase()}${trouble.slice(1)}`;
  return "Nothing is known of this range: nobody watched, or it is more than ten minutes ago";
}
