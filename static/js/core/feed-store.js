/** The events that a page keeps: the newest ones, whole batches at a time. What it lets go is counted. */

/** Forty seconds of 5,000 events a second; ten minutes of 300. */
export const MAX_EVENTS = 200_000;
/** Of texts, two bytes each at most: paths can have 8,192. */
export const MAX_CHARACTERS = 32 * 2 ** 20;

/** @typedef {import("./feed-wire.js").EventBatch} EventBatch */

export class FeedStore {
  /** @type {EventBatch[]} */
  batches = [];
  kept = 0;
  /** Events that ever came, and those of them that are gone again. */
  came = 0;
  letGo = 0;
  #characters = 0;

  constructor(maxEvents = MAX_EVENTS, maxCharacters = MAX_CHARACTERS) {
    this.maxEvents = maxEvents;
    this.maxCharacters = maxCharacters;
  }

  /** @param {EventBatch} batch  @returns {number} how many of the oldest batches left for it */
  add(batch) {
    this.batches.push(batch);
    this.kept += batch.length;
    this.came += batch.length;
    this.#characters += batch.characters;
    let gone = 0;
    while (this.batches.length - gone > 1 && (this.kept > this.maxEvents || this.#characters > this.maxCharacters)) {
      const oldest = this.batches[gone++];
      this.kept -= oldest.length;
      this.letGo += oldest.length;
      this.#characters -= oldest.characters;
    }
    // One move for all that left.
    if (gone > 0) this.batches.splice(0, gone);
    return gone;
  }
}
