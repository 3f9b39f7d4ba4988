/**
 * The cells of a heat map. By *offset* a column is a second (or more) and rows go through it, so cells follow each other in
 * time up one column and on at the foot of the next; by thread or process a column is a moment and each lane has all of them.
 */

/** Steps of colour; counts are told apart by their square root, so that a few samples are not nothing beside many. */
export const LEVELS = 8;

export class HeatCells {
  /** @param {{by: string, column_ns: number, last_ns: number, counts: number[][], names: string[], others: number}} answer of `…/moments` */
  constructor(answer) {
    this.byOffset = answer.by === "offset";
    this.counts = answer.counts;
    this.rows = answer.counts.length;
    this.columns = answer.counts[0]?.length ?? 0;
    this.columnS = answer.column_ns / 1e9;
    this.endS = (answer.last_ns + 1) / 1e9;
    this.names = answer.others > 0 ? [...answer.names, `${answer.others} others`] : answer.names;
    this.largest = answer.counts.reduce((most, row) => row.reduce((a, b) => Math.max(a, b), most), 0);
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

  /** From one cell to another, both included, whichever is first. @param {{column: number, row: number}} a  @param {{column: number, row: number}} b */
  between(a, b) {
    const [x, y] = [this.spanOf(a.column, a.row), this.spanOf(b.column, b.row)];
    return [Math.min(x[0], y[0]), Math.max(x[1], y[1])];
  }

  /** All of a column. @param {number} column  @returns {[number, number]} */
  columnSpan(column) {
    return [column * this.columnS, (column + 1) * this.columnS];
  }

  /**
   * Where a span lies, column by column: what is drawn around it.
   * @param {[number, number]} span  @returns {{column: number, from: number, to: number}[]} rows `from` to before `to`
   */
  cover([from, to]) {
    const first = Math.max(0, Math.floor(from / this.columnS + 1e-9));
    const last = Math.min(this.columns - 1, Math.ceil(to / this.columnS - 1e-9) - 1);
    const row = (s, column) => Math.min(this.rows, Math.max(0, Math.round((s - column * this.columnS) / this.cellS)));
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
      const column = first + i;
      return this.byOffset ? { column, from: row(from, column), to: row(to, column) } : { column, from: 0, to: this.rows };
    });
  }

  /** Samples within a span. @param {[number, number]} span */
  count(span) {
    return this.cover(span).reduce((sum, { column, from, to }) => {
      for (let row = from; row < to; row++) sum += this.counts[row][column];
      return sum;
    }, 0);
  }
}
