/** Sparklines of a table's functions: when each was on the stack, fetched for the rows in view. */

import { peakText, sparkline } from "../core/sparkline.js";
import { svg } from "../render/svg.js";
import { loadMoments } from "./tree-loader.js";

const WIDTH = 96;
const HEIGHT = 16;
const COLUMNS = 48;
/** As the server has it (profiler/core/function_times.py). */
const MAX_NAMES = 64;
/** Of all names that are asked for at once: addresses of questions have limits. */
const MAX_LETTERS = 5000;
/** Somebody who scrolls on does not look at these rows. */
const REST_MS = 120;

export class RowTimes {
  #known = new Map();
  #waiting = new Map();
  #later = 0;
  #endS = 0;

  /** @param {string} url where samples' times are  @param {() => void} none the profile has no times: nobody need ask again */
  constructor(url, none) {
    Object.assign(this, { url, none });
  }

  /** Draw the function's sparkline into a cell, now or when it is known. @param {HTMLElement} cell  @param {string} name */
  fill(cell, name) {
    if (this.#known.has(name)) return this.#draw(cell, name);
    this.#waiting.set(name, cell);
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#ask(), REST_MS);
  }

  async #ask() {
    const wanted = this.#next();
    if (wanted.length === 0) return;
    const url = new URL(this.url, document.baseURI);
    url.searchParams.set("by", "function");
    url.searchParams.set("columns", COLUMNS);
    for (const [name] of wanted) url.searchParams.append("name", name);
    try {
      const { counts, all_samples: all, last_ns: last } = await loadMoments(url.href);
      if (all === 0) return this.none();
      this.#endS = (last + 1) / 1e9;
      wanted.forEach(([name], i) => this.#known.set(name, counts[i]));
      for (const [name, cell] of wanted) this.#draw(cell, name);
    } catch {
      // A table without pictures is still a table; the next rows ask again.
    }
  }

  /** Of the rows that are still there; what is too much for one question waits. Longer names than a question have no picture. */
  #next() {
    let letters = 0;
    const there = [...this.#waiting].filter(([name, cell]) => cell.isConnected && name.length <= MAX_LETTERS);
    const fits = ([name]) => (letters += name.length) <= MAX_LETTERS;
    const wanted = there.slice(0, MAX_NAMES).filter(fits);
    this.#waiting = new Map(there.filter((one) => !wanted.includes(one)));
    if (this.#waiting.size > 0) this.#later = setTimeout(() => this.#ask(), REST_MS);
    return wanted;
  }

  #draw(cell, name) {
    const counts = this.#known.get(name);
    cell.title = peakText(counts, this.#endS);
    cell.replaceChildren(svg("svg", { width: WIDTH, height: HEIGHT, "aria-hidden": "true" }, svg("path", { d: sparkline(counts, WIDTH, HEIGHT) })));
  }
}
