/**
 * Cells of a heat map are chosen with the mouse (press one, or draw over several; with Shift the last choice grows) and with the keys: arrows move a
 * cursor, with Shift they draw, Enter chooses. What the cursor is on is said aloud.
 */

import { between, cellAt, moved, placeOf } from "../core/cells.js";
import { element } from "./element.js";

const MOVES_PX = 4;

export class CellPicker {
  #cursor = null;
  #anchor = null;
  #from = null;
  #cells = null;
  #area = null;

  /**
   * @param {HTMLElement} plot what is pressed, with `position: relative`
   * @param {{rect: () => DOMRect|null, say: (cell: import("../core/cells.js").Cell) => string, choose: (cells: import("../core/cells.js").Cells|null) => void}} chart
   *   `rect` is where the cells are drawn
   */
  constructor(plot, chart) {
    Object.assign(this, { plot, chart });
    this.marks = { cells: element("div", { class: "cell-mark" }), cursor: element("div", { class: "cell-mark cell-cursor" }) };
    this.told = element("p", { class: "visually-hidden", role: "status" });
    plot.after(this.marks.cells, this.marks.cursor, this.told);
    plot.addEventListener("pointerdown", (event) => this.#pressed(event), true);
    // While it is pressed Plotly covers the page.
    addEventListener("pointermove", (event) => this.#drawn(event), true);
    addEventListener("pointerup", (event) => this.#released(event), true);
    addEventListener("pointercancel", () => this.#leave(), true);
    plot.addEventListener("keydown", (event) => this.#key(event));
    plot.addEventListener("blur", () => this.#moveTo(null));
  }

  /** What the chart shows now. @param {import("../core/cells.js").Area} area */
  show(area) {
    this.#area = area;
    this.#place();
  }

  /** What is chosen. @param {import("../core/cells.js").Cells|null} cells */
  mark(cells) {
    this.#cells = cells;
    this.#place();
  }

  #cellAt(event) {
    const rect = this.chart.rect();
    if (rect === null || this.#area === null) return null;
    const [x, y] = [(event.clientX - rect.left) / rect.width, (event.clientY - rect.top) / rect.height];
    return x < 0 || x > 1 || y < 0 || y > 1 ? null : cellAt(x, y, this.#area);
  }

  #pressed(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    const cell = this.#cellAt(event);
    if (cell === null) return;
    this.#from = { cell: event.shiftKey && this.#anchor ? this.#anchor : cell, x: event.clientX, y: event.clientY, draws: event.shiftKey };
  }

  #drawn(event) {
    if (this.#from === null) return;
    this.#from.draws ||= event.pointerType === "mouse" && Math.hypot(event.clientX - this.#from.x, event.clientY - this.#from.y) > MOVES_PX;
    const cell = this.#from.draws ? this.#cellAt(event) : null;
    if (cell) this.mark(between(this.#from.cell, cell, this.#area.stepMs));
  }

  #released(event) {
    if (this.#from === null) return;
    const { cell: first, draws } = this.#from;
    const last = (draws && this.#cellAt(event)) || first;
    this.#from = null;
    this.#anchor = first;
    this.chart.choose(between(first, draws ? last : first, this.#area.stepMs));
  }

  #leave() {
    this.#from = null;
    this.#place();
  }

  #key(event) {
    if (this.#area === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#cursor ?? { at: this.#area.to - this.#area.stepMs, bucket: this.#area.high };
    if (event.key === "Enter" && this.#cursor) this.#chooseByKey(event.shiftKey);
    else if (event.key === "Escape") this.chart.choose(null);
    else {
      const next = moved(at, event.key, this.#area);
      if (next === null) return;
      if (!event.shiftKey || !this.#anchor) this.#anchor = event.shiftKey ? at : next;
      this.#moveTo(next);
      if (event.shiftKey) this.mark(between(this.#anchor, next, this.#area.stepMs));
    }
    event.preventDefault();
  }

  #chooseByKey() {
    const first = this.#anchor ?? this.#cursor;
    this.chart.choose(between(first, this.#cursor, this.#area.stepMs));
  }

  #moveTo(cell) {
    this.#cursor = cell;
    if (cell) this.told.textContent = this.chart.say(cell);
    this.#place();
  }

  #place() {
    const cursor = this.#cursor && this.#area && between(this.#cursor, this.#cursor, this.#area.stepMs);
    this.#put(this.marks.cells, this.#cells);
    this.#put(this.marks.cursor, cursor);
  }

  #put(mark, cells) {
    const rect = this.chart.rect();
    const place = cells && this.#area && rect && placeOf(cells, this.#area);
    mark.hidden = !place;
    if (!place) return;
    const base = mark.offsetParent?.getBoundingClientRect() ?? rect;
    mark.style.insetInlineStart = `${rect.left - base.left + place.left * rect.width}px`;
    mark.style.insetBlockStart = `${rect.top - base.top + place.top * rect.height}px`;
    mark.style.inlineSize = `${place.width * rect.width}px`;
    mark.style.blockSize = `${place.height * rect.height}px`;
  }
}
