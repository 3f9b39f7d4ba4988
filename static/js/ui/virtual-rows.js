/**
 * Only the rows in view exist: a table body of any length in a scroller. Rows have one height, and the room of those
 * above and below is a row of its own.
 */

import { element } from "./element.js";

/** Rows beyond the edges, so that a fast wheel meets no gap. */
const BEYOND = 8;

export class VirtualRows {
  #placed = null;
  #above = spacer();
  #below = spacer();

  /**
   * @param {HTMLElement} scroller  @param {HTMLElement} body a tbody in it  @param {number} rowHeight px
   * @param {(index: number) => HTMLElement} make the row of an index
   */
  constructor(scroller, body, rowHeight, make) {
    Object.assign(this, { scroller, body, rowHeight, make, count: 0 });
    scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(scroller);
  }

  /** Rows have changed. @param {number} count */
  show(count) {
    this.count = count;
    this.#placed = null;
    this.draw();
  }

  /** Rows have changed, and the last ones are to be seen: drawn once, where the scroller is going to be. @param {number} count */
  showLast(count) {
    this.count = count;
    const seen = Math.ceil(this.scroller.clientHeight / this.rowHeight) + BEYOND;
    this.#place(Math.max(0, count - seen), count);
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Rows that are in the page already stay as they are. */
  draw() {
    const { scroller, rowHeight, count } = this;
    const first = Math.max(0, Math.min(count, Math.floor(scroller.scrollTop / rowHeight)));
    const last = Math.min(count, Math.ceil((scroller.scrollTop + scroller.clientHeight) / rowHeight));
    if (this.#placed === null || first < this.#placed.first || last > this.#placed.last) this.#place(Math.max(0, first - BEYOND), Math.min(count, last + BEYOND));
  }

  #place(first, last) {
    const { rowHeight, count } = this;
    this.#placed = { first, last };
    this.#above.style.height = `${first * rowHeight}px`;
    this.#below.style.height = `${(count - last) * rowHeight}px`;
    const rows = Array.from({ length: Math.max(0, last - first) }, (_, i) => this.make(first + i));
    this.body.replaceChildren(this.#above, ...rows, this.#below);
  }

  /** Scroll as little as needed. @param {number} index */
  reveal(index) {
    const { scroller, rowHeight } = this;
    const [top, room] = [index * rowHeight, scroller.clientHeight - stuckHeight(scroller)];
    scroller.scrollTop = Math.max(top + rowHeight - room, Math.min(scroller.scrollTop, top));
    this.draw();
  }
}

/** Head and foot stay in sight, over what scrolls. */
function stuckHeight(scroller) {
  return ["thead", "tfoot"].reduce((sum, part) => sum + (scroller.querySelector(part)?.offsetHeight ?? 0), 0);
}

function spacer() {
  return element("tr", { class: "spacer", "aria-hidden": "true" });
}
