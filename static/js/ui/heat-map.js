/**
 * `<heat-map>`: samples over time as cells; parts of the time, of all rows or of some, are selected in it by dragging or with the keyboard.
 * Event `select` {spans, add}: parts were selected, beside those before when `add`; `clear`.
 */

import { HEAT_INK, heatFills } from "../core/heat-colors.js";
import { heatWords, rowWords, summaryOf } from "../core/heat-words.js";
import { fit, printable } from "../core/labels.js";
import { cellAt, paintHeatMap } from "../render/heat-map.js";
import { element } from "./element.js";
import { currentTheme, watchTheme } from "./theme.js";

const OFFSET_PX = 132;
const LANE_PX = 14;
const GUTTER_PX = 150;
const NARROW_GUTTER_PX = 84;
const OFFSET_GUTTER_PX = 48;
const NARROW_PX = 600;
/** Between names and cells. */
const GAP_PX = 12;
/** Room for one mark of the time axis. */
const MARK_PX = 72;
const CELL_PX = 6.7;
const MOVED_PX = 3;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class HeatMap extends HTMLElement {
  #cells = null;
  #spans = { chosen: [], base: [] };
  #cursor = null;
  #anchor = null;
  #drag = null;
  #frame = 0;
  #marked = { width: 0, cells: null };
  #stopTheme = null;
  #canvas = element("canvas", { tabIndex: 0, role: "application", "aria-roledescription": "heat map" });
  #scroller = element("div", { class: "heat-scroller" }, this.#canvas);
  #axis = element("div", { class: "heat-axis", "aria-hidden": "true" });
  #told = element("p", { class: "heat-told dim", role: "status" });
  #resized = new ResizeObserver(() => this.#invalidate());

  constructor() {
    super();
    const on = (name, act) => this.#canvas.addEventListener(name, (event) => this.#cells && act(event));
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", () => this.#stopDrag());
    on("pointerleave", () => this.#drag === null && this.#point(null));
    on("dblclick", () => this.#emit("clear", {}));
    on("keydown", (event) => this.#key(event));
  }

  connectedCallback() {
    this.replaceChildren(this.#scroller, this.#axis, this.#told);
    this.#stopTheme = watchTheme(() => this.#invalidate());
    this.#resized.observe(this);
  }

  disconnectedCallback() {
    this.#stopTheme();
    this.#resized.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  /** @param {import("../core/heat-cells.js").HeatCells} cells  @param {[number, number][]} chosen  @param {[number, number][]} base */
  show(cells, chosen, base) {
    if (cells !== this.#cells) this.#cursor = this.#anchor = null;
    this.#cells = cells;
    this.#spans = { chosen, base };
    const height = cells.byOffset ? OFFSET_PX : Math.max(LANE_PX * 2, cells.rows * LANE_PX);
    this.#canvas.style.blockSize = `${height}px`;
    const rows = cells.byOffset ? `rows of ${Math.round(cells.cellS * 1000)} ms` : `${cells.rows} lanes`;
    this.#canvas.setAttribute("aria-label", `Heat map of samples, ${cells.columns} columns of ${cells.columnText}, ${rows}. Arrow keys move, Space begins and ends a part, ${cells.byOffset ? "" : "R takes the whole row, "}Escape clears`);
    this.#canvas.setAttribute("aria-description", summaryOf(cells));
    this.#tell();
    this.#invalidate();
  }

  #invalidate() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  get #gutterPx() {
    if (this.#cells.byOffset) return OFFSET_GUTTER_PX;
    const longest = Math.max(...this.#cells.names.map((name) => name.length), 0) * CELL_PX + GAP_PX;
    return Math.min(longest, this.clientWidth < NARROW_PX ? NARROW_GUTTER_PX : GUTTER_PX);
  }

  /** Below what scrolls, so that it stays in sight. */
  #showAxis() {
    const width = this.#canvas.clientWidth - this.#gutterPx;
    const endS = this.#cells.columns * this.#cells.columnS;
    if (this.#marked.width === width && this.#marked.cells === this.#cells) return;
    this.#marked = { width, cells: this.#cells };
    const marks = this.#cells.marks(Math.max(1, Math.floor(width / MARK_PX)));
    this.#axis.replaceChildren(...marks.map(({ at, text }) => {
      const mark = element("span", {}, text);
      mark.style.insetInlineStart = `${this.#gutterPx + (width * at) / endS}px`;
      return mark;
    }));
  }

  #scene() {
    const ratio = devicePixelRatio;
    const gutter = this.#gutterPx * ratio;
    const preview = this.#anchor && this.#cursor ? this.#between() : [];
    return {
      cells: this.#cells,
      fills: heatFills(currentTheme()),
      ...HEAT_INK[currentTheme()],
      fontFamily: getComputedStyle(this).fontFamily,
      chosen: [...this.#spans.chosen, ...preview],
      base: this.#spans.base,
      cursor: this.#cursor,
      width: this.#canvas.width,
      height: this.#canvas.height,
      gutter,
      ratio,
      shorten: (name) => fit(printable(name), gutter / ratio / CELL_PX),
    };
  }

  #paint() {
    this.#frame = 0;
    const { clientWidth, clientHeight } = this.#canvas;
    if (this.#cells === null || clientWidth === 0) return;
    Object.assign(this.#canvas, { width: Math.round(clientWidth * devicePixelRatio), height: Math.round(clientHeight * devicePixelRatio) });
    paintHeatMap(this.#canvas.getContext("2d", { alpha: false }), this.#scene());
    this.#showAxis();
  }

  #cellAt(event) {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return cellAt(this.#scene(), (event.clientX - left) * devicePixelRatio, (event.clientY - top) * devicePixelRatio);
  }

  /** On the names beside lanes: they stand for all of their rows. */
  #onNames(event) {
    return !this.#cells.byOffset && event.clientX - this.#canvas.getBoundingClientRect().left < this.#gutterPx;
  }

  #between() {
    if (this.#drag?.names) return this.#cells.rowsBetween(this.#anchor.row, this.#cursor.row);
    return this.#cells.between(this.#anchor, this.#cursor);
  }

  #down(event) {
    if (event.button !== 0) return;
    this.#drag = { x: event.clientX, y: event.clientY, moved: false, names: this.#onNames(event) };
    this.#anchor = this.#cellAt(event);
    this.#canvas.setPointerCapture(event.pointerId);
    this.#point(this.#anchor);
  }

  #move(event) {
    this.#canvas.classList.toggle("on-names", this.#drag?.names ?? this.#onNames(event));
    if (this.#drag) this.#drag.moved ||= Math.hypot(event.clientX - this.#drag.x, event.clientY - this.#drag.y) > MOVED_PX;
    this.#point(this.#cellAt(event));
    if (this.#drag === null && this.#onNames(event)) this.#tell(rowWords(this.#cells, this.#cursor.row));
  }

  /** A press without a drag takes the whole column, a second, or on a name its whole row. */
  #up(event) {
    if (this.#drag === null) return;
    const { moved, names } = this.#drag;
    const spans = moved || names ? this.#between() : [this.#cells.columnSpan(this.#anchor.column)];
    this.#stopDrag();
    this.#select(spans, event.shiftKey || event.ctrlKey || event.metaKey);
  }

  #select(spans, add) {
    if (spans.length > 0) this.#emit("select", { spans, add });
    else this.#tell("The others have no row of their own: nothing is selected.");
  }

  #stopDrag() {
    this.#drag = this.#anchor = null;
    this.#invalidate();
  }

  #key(event) {
    if (event.key in MOVES) this.#moveCursor(...MOVES[event.key]);
    else if (event.key === " " || event.key === "Enter") this.#mark(event.shiftKey);
    else if (event.key.toLowerCase() === "r" && !event.ctrlKey && !event.metaKey && !event.altKey) this.#takeRow(event.shiftKey);
    else if (event.key === "Escape") this.#escape();
    else return;
    event.preventDefault();
  }

  #moveCursor(dx, dy) {
    const { columns, rows, byOffset } = this.#cells;
    const { column, row } = this.#cursor ?? { column: 0, row: 0 };
    const clamp = (n, most) => Math.max(0, Math.min(most - 1, n));
    this.#point(this.#cursor === null ? { column, row } : { column: clamp(column + dx, columns), row: clamp(row + (byOffset ? dy : -dy), rows) });
  }

  #mark(add) {
    if (this.#cursor === null) return this.#moveCursor(0, 0);
    if (this.#anchor === null) {
      this.#anchor = this.#cursor;
      this.#tell();
      return;
    }
    const spans = this.#between();
    this.#anchor = null;
    this.#select(spans, add);
  }

  #takeRow(add) {
    if (this.#cells.byOffset || this.#cursor === null) return;
    this.#anchor = null;
    this.#select(this.#cells.rowsBetween(this.#cursor.row, this.#cursor.row), add);
  }

  #escape() {
    if (this.#anchor === null) this.#emit("clear", {});
    this.#anchor = null;
    this.#tell();
    this.#invalidate();
  }

  #point(cell) {
    this.#cursor = cell;
    this.#tell();
    this.#invalidate();
  }

  #tell(text = heatWords(this.#cells, this.#cursor, this.#anchor && this.#cursor ? this.#between() : null)) {
    this.#told.textContent = text;
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("heat-map", HeatMap);
