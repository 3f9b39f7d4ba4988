/** The lane of samples: a subsecond heat map of continuous profiling and recordings, on the axis of the other lanes. */

import { count } from "../core/format.js";
import { heatFills } from "../core/heat-colors.js";
import { LEVELS } from "../core/heat-cells.js";
import { columnAt, columnsOn, heatQuery } from "../core/sample-heat.js";
import { element } from "./element.js";
import { laneElement } from "./lane-rows.js";
import { currentTheme, watchTheme } from "./theme.js";

const LANE = { id: "samples", title: "CPU samples", about: "When samples were taken: a column is a second or more, and goes up through it" };

export class SampleRow {
  #answer = null;
  #axis = null;
  #largest = 0;
  #canvas = element("canvas", { "aria-hidden": "true" });
  #note = element("p", { class: "lane-note dim" });
  #numbers = element("p", { class: "lane-numbers" });

  constructor() {
    this.element = laneElement(LANE, this.#numbers, element("div", { class: "lane-plot" }, this.#canvas, this.#note));
    new ResizeObserver(() => this.#paint()).observe(this.#canvas);
    watchTheme(() => this.#paint());
  }

  /** Ask anew. @param {(query: string) => Promise<object|null>} ask the explore API's heat map  @param {string} selector  @param {{begin: number, end: number}} range */
  async load(ask, selector, range) {
    const query = heatQuery(selector, range);
    if (query === null) return this.#take(null, "Samples keep their own times for two days, and are shown for ranges of up to a day");
    const found = await ask(query);
    if (found) this.#take(found, found.samples === 0 ? "No samples in this range: record, or switch continuous profiling on" : "");
    return undefined;
  }

  /** @param {string} why it could not be had */
  fail(why) {
    this.#take(null, why);
  }

  #take(answer, note) {
    this.#answer = answer;
    this.#largest = (answer?.counts ?? []).flat().reduce((most, one) => Math.max(most, one), 0);
    this.#note.textContent = note;
    this.#paint();
  }

  show(axis) {
    this.#axis = axis;
    this.#paint();
  }

  point(step) {
    const found = step >= 0 && this.#answer ? columnAt(this.#answer, this.#axis, step) : null;
    this.#numbers.textContent = found === null ? (this.#answer ? `${count(this.#answer.samples)} in sight` : "") : `${count(found)} samples`;
  }

  words(step) {
    return this.#answer?.samples ? `Samples: ${columnAt(this.#answer, this.#axis, step)}` : "";
  }

  #paint() {
    const { clientWidth, clientHeight } = this.#canvas;
    if (this.#axis === null || clientWidth === 0) return;
    Object.assign(this.#canvas, { width: Math.round(clientWidth * devicePixelRatio), height: Math.round(clientHeight * devicePixelRatio) });
    const context = this.#canvas.getContext("2d");
    if (this.#answer === null || this.#largest === 0) return;
    const { width, height } = this.#canvas;
    const fills = heatFills(currentTheme());
    const rows = this.#answer.rows;
    for (const { counts, left, right } of columnsOn(this.#answer, this.#axis)) {
      const [from, to] = [Math.floor(left * width), Math.max(Math.floor(left * width) + 1, Math.floor(right * width))];
      counts.forEach((one, row) => {
        context.fillStyle = fills[one === 0 ? 0 : Math.max(1, Math.ceil(LEVELS * Math.sqrt(one / this.#largest)))];
        const top = Math.round((height * (rows - row - 1)) / rows);
        context.fillRect(from, top, to - from, Math.round((height * (rows - row)) / rows) - top);
      });
    }
  }
}
