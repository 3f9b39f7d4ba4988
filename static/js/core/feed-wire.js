/** Events of a feed, as the server sends them: columns of one message (profiler/core/feed_wire.py). */

import { readSections, SectionsError } from "./sections.js";

const MAGIC = "WPF1";
const SCHEMA = 1;

/** @typedef {{name: string, shows: string, title: string, about: string}} Field */

/** Events that came together. A row is a number from 0 on. */
export class EventBatch {
  #columns;
  #texts;

  /** @param {object} header  @param {Object<string, ArrayLike<number>>} columns */
  constructor(header, columns) {
    this.header = header;
    this.length = header.events;
    this.baseMs = header.base_s * 1000;
    this.hidden = new Set(header.hidden);
    this.#columns = columns;
    this.#texts = header.texts;
    /** Characters of the texts: most of what the batch takes. */
    this.characters = Object.values(header.texts).reduce((sum, texts) => texts.reduce((all, text) => all + text.length, sum), 0);
  }

  has(name) {
    return name in this.#columns;
  }

  /** Distinct texts of a column. @returns {string[]} */
  textsOf(name) {
    return this.#texts[name] ?? [];
  }

  /** Numbers, or which of the distinct texts, by row. @returns {ArrayLike<number>} */
  column(name) {
    return this.#columns[name] ?? [];
  }

  /** @returns {string|number|null} a time in Unix milliseconds; null: the column is hidden */
  value(field, row) {
    if (!this.has(field.name)) return null;
    const at = this.#columns[field.name][row];
    if (field.name in this.#texts) return this.#texts[field.name][at];
    return field.shows === "time" ? this.baseMs + at / 1e6 : at;
  }
}

/** @param {ArrayBuffer} buffer  @returns {EventBatch}  @throws {SectionsError} */
export function decodeEvents(buffer) {
  const { header, columns } = readSections(buffer, MAGIC, SCHEMA);
  const { events, texts } = header;
  for (const [name, column] of Object.entries(columns)) {
    if (column.length !== events) throw new SectionsError(`column ${name} has ${column.length} values of ${events}`);
    if (name in texts && column.some((at) => at >= texts[name].length)) throw new SectionsError(`column ${name} has texts that were not sent`);
  }
  return new EventBatch(header, columns);
}
