/**
 * The cells of a heat map. By *offset* a column is a second (or more) and rows go through it, so cells follow each other in
 * time up one column and on at the foot of the next; by thread, process or CPU a column is a moment and each lane has all of them.
 */

import { count } from "./format.js";
import { timeMarks } from "./heat-axis.js";
import { spanText, wholeLane } from "./spans.js";

/** Steps of colour; counts are told apart by their square root, so that a few samples are not nothing beside many. */
export const LEVELS = 8;

export class HeatCells {
  /** @param {{by: string, column_ns: number, last_ns: number, counts: number[][], names: string[], others: number}} answer of `…/moments` */
  constructor(answer) {
    this.by = answer.by;
    this.byOffset = answer.by === "offset";
    this.counts = answer.counts;
    this.rows = answer.counts.length;
    this.columns = answer.counts[0]?.length ?? 0;
    this.columnS = answer.column_ns / 1e9;
    this.endS = (answer.last_ns + 1) / 1e9;
    /** Rows with a name of their own: the last one may be all the others. */
    this.named = answer.names.length;
    this.names = answer.others > 0 ? [...answer.names, `${answer.others} others`] : answer.names;
    this.largest = answer.counts.reduce((most, row) => row.reduce((a, b) => Math.max(a, b), most), 0);
  }

  /** For people: how long a column is. */
  get columnText() {
    return `${Number(this.columnS.toFixed(3))} s`;
  }

  /** For people: what can be done. */
  get hint() {
    return `Drag over a part of the time; Shift adds another one. A click takes a whole column${this.byOffset ? "" : ", on a name its row"}.`;
  }

  /** For people. @param {import("./spans.js").Span} span */
  when(span) {
    return spanText(span);
  }

  /** For people: what a cell has. @param {number} number */
  amount(number) {
    return number === 1 ? "1 sample" : `${count(number)} samples`;
  }

  /** Of the time axis. @param {number} most  @returns {import("./heat-axis.js").Mark[]} */
  marks(most) {
    return timeMarks(this.columns * this.columnS, most);
  }

  /** Seconds that one cell stands for. */
  get cellS() {
    return this.byOffset ? this.columnS / this.rows : this.columnS;
  }

  /** @returns {number} 0 for none, to LEVELS */
  levelOf(count) {
    return count === 0 ? 0 : Math.max(1, Math.ceil(LEVELS * Math.sqrt(count / this.largest)));
  }

  /** @param {number} column  @param {number} row  @returns {[number, number]} when: seconds after the start */
  spanOf(column, row) {
    const from = column * this.columnS + (this.byOffset ? row * this.cellS : 0);
    return [from, from + this.cellS];
  }

  /**
   * From one cell to another, both included, whichever is first: by offset one span, else one for each lane in between, or
   * one of all lanes. The others have no lane of their own, and so no span.
   * @param {{column: number, row: number}} a  @param {{column: number, row: number}} b  @returns {import("./spans.js").Span[]}
   */
  between(a, b) {
    const [x, y] = [this.spanOf(a.column, a.row), this.spanOf(b.column, b.row)];
    const span = [Math.min(x[0], y[0]), Math.max(x[1], y[1])];
    const [first, last] = [Math.min(a.row, b.row), Math.max(a.row, b.row)];
    if (this.byOffset || last - first === this.rows - 1) return [span];
    return this.#lanes(first, last).map((lane) => [...span, lane]);
  }

  /** All of the lanes from one to another. @param {number} a  @param {number} b rows  @returns {import("./spans.js").Span[]} */
  rowsBetween(a, b) {
    return this.#lanes(Math.min(a, b), Math.max(a, b)).map(wholeLane);
  }

  #lanes(first, last) {
    return this.names.slice(first, Math.min(last + 1, this.named)).map((name) => `${this.by}:${name}`);
  }

  /** Samples of a row. @param {number} row */
  rowTotal(row) {
    return this.counts[row].reduce((sum, one) => sum + one, 0);
  }

  /** All of a column. @param {number} column  @returns {[number, number]} */
  columnSpan(column) {
    return [column * this.columnS, (column + 1) * this.columnS];
  }

  /**
   * Where a span lies, column by column: what is drawn around it. What is of a lane that has no row here is nowhere.
   * @param {import("./spans.js").Span} span  @returns {{column: number, from: number, to: number}[]} rows `from` to before `to`
   */
  cover([from, to, lane]) {
    const [top, bottom] = this.#rowsOf(lane);
    const first = Math.max(0, Math.floor(from / this.columnS + 1e-9));
    const last = Math.min(this.columns - 1, Math.ceil(to / this.columnS - 1e-9) - 1);
    const row = (s, column) => Math.min(this.rows, Math.max(0, Math.round((s - column * this.columnS) / this.cellS)));
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
      const column = first + i;
      return this.byOffset && lane === undefined ? { column, from: row(from, column), to: row(to, column) } : { column, from: top, to: bottom };
    });
  }

  /** @param {string|undefined} lane  @returns {[number, number]} the rows from the first to before the second */
  #rowsOf(lane) {
    if (lane === undefined) return [0, this.rows];
    const row = this.byOffset ? -1 : this.names.slice(0, this.named).findIndex((name) => lane === `${this.by}:${name}`);
    return row < 0 ? [0, 0] : [row, row + 1];
  }

  /** Samples within a span. @param {[number, number]} span */
  count(span) {
    return this.cover(span).reduce((sum, { column, from, to }) => {
      for (let row = from; row < to; row++) sum += this.counts[row][column];
      return sum;
    }, 0);
  }
}
