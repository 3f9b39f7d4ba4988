/** The lane of a histogram: its percentiles and its highest bucket over time, on an axis of buckets. */

import { percentileLines } from "../core/histogram-lane.js";
import { HEIGHT, linePath } from "../core/lane-paths.js";
import { svg } from "../render/svg.js";
import { element } from "./element.js";
import { laneElement, numberItem } from "./lane-rows.js";

/** Lines differ by more than their colour (styles have the dashes). */
const TONES = [2, 0, 1, 6];

export class HistogramRow {
  #watched;
  #columns = [];
  #cursor = -1;
  #plot = element("div", { class: "lane-plot" });
  #ceiling = element("span", { class: "lane-top dim" });
  #floor = element("span", { class: "lane-bottom dim" });
  #note = element("p", { class: "lane-note dim" });
  #numbers = element("ul", { class: "lane-numbers" });

  /** @param {import("./watched-histogram.js").WatchedHistogram} watched  @param {HTMLElement} verbs of the lane's head */
  constructor(watched, verbs) {
    this.#watched = watched;
    const lane = { id: `histogram-${watched.probe}`, title: watched.title, about: "Percentiles and the highest value by steps. The bucket that each is in is exact, its place in there is not known" };
    this.element = laneElement(lane, this.#numbers, this.#plot, verbs);
  }

  show(axis) {
    const { histogram, trouble } = this.#watched;
    this.#columns = histogram ? histogram.columns(axis) : [];
    const some = this.#columns.some((counts) => counts !== null);
    this.#plot.replaceChildren(...(some ? this.#picture(axis) : []), this.#note);
    this.#note.textContent = this.#noteText(some, trouble, histogram, axis);
    this.point(this.#cursor);
  }

  /** @param {number} step under the cursor, −1 for none: then the newest that is known is told */
  point(step) {
    this.#cursor = step;
    const { histogram } = this.#watched;
    if (histogram === null) return;
    const at = step >= 0 ? step : this.#columns.findLastIndex((counts) => counts !== null);
    const told = histogram.percentiles(this.#columns[at] ?? null);
    if (this.#numbers.children.length !== told.length) this.#numbers.replaceChildren(...told.map(({ name }, i) => numberItem(name, TONES[i])));
    told.forEach(({ found }, i) => (this.#numbers.children[i].lastChild.textContent = histogram.text(found)));
  }

  /** @param {number} step  @returns {string} for who hears it */
  words(step) {
    const { histogram, title } = this.#watched;
    const counts = this.#columns[step] ?? null;
    return histogram && counts ? `${title}: ${histogram.percentiles(counts).map(({ name, found }) => `${name} ${histogram.text(found)}`).join(", ")}` : "";
  }

  #picture({ steps }) {
    const { histogram } = this.#watched;
    const { low, high, lines } = percentileLines(histogram, this.#columns);
    const { texts } = histogram.about;
    this.#ceiling.textContent = texts[high] ?? `${texts.at(-1)} or more`;
    this.#floor.textContent = texts[low];
    const paths = lines.map(({ name, values }, i) => svg("path", { class: `lane-line line-${TONES[i]} percentile-${name}`, d: linePath(values.map((value) => value && value - low), high - low) }));
    return [svg("svg", { viewBox: `0 0 ${steps} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...paths.reverse()), this.#ceiling, this.#floor];
  }

  #noteText(some, trouble, histogram, { begin }) {
    if (trouble !== "" && !some) return `${trouble[0].toUpperCase()}${trouble.slice(1)}`;
    if (histogram === null) return "Fetching…";
    if (!some) return "Nothing was counted in this range, or nobody watched: it is kept for a week";
    return histogram.lookedFrom > begin + histogram.step ? "Only the newest three hours of watching are shown" : "";
  }
}
