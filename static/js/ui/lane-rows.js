/** Rows of `<time-lanes>`: a head with name and numbers, and a picture over the axis. */

import { partsOf } from "../core/host-lanes.js";
import { laneText } from "../core/lane-numbers.js";
import { HEIGHT, areaPath, linePath, stacked, topOf } from "../core/lane-paths.js";
import { svg } from "../render/svg.js";
import { element } from "./element.js";

/** Of counters: `data` is what is shown of. */
export class CounterRow {
  #lane;
  #data = () => null;
  #parts = [];
  #top = 0;
  #cursor = -1;
  #numbers = element("ul", { class: "lane-numbers" });
  #ceiling = element("span", { class: "lane-top dim" });
  #plot = element("div", { class: "lane-plot" });
  #note;

  /**
   * @param {import("../core/host-lanes.js").Lane} lane  @param {() => import("../core/counter-data.js").CounterData} data
   * @param {{verbs: HTMLElement|null, note: (() => string)|null}} more of a lane that was chosen: it is there also when it has
   *   nothing to show, and says why
   */
  constructor(lane, data, { verbs, note } = { verbs: null, note: null }) {
    this.#lane = lane;
    this.#data = data;
    this.#note = note;
    this.element = laneElement(lane, this.#numbers, this.#plot, verbs);
    this.element.hidden = note === null;
  }

  get lane() {
    return this.#lane;
  }
  get parts() {
    return this.#parts;
  }

  show() {
    const data = this.#data();
    this.#parts = partsOf(this.#lane, data);
    const note = this.#parts.length === 0 ? this.#note?.() : "";
    this.element.hidden = note === undefined;
    this.#top = topOf(this.#lane, this.#parts, data);
    this.#ceiling.textContent = note ? "" : laneText(this.#top, this.#lane.unit);
    this.#plot.replaceChildren(this.#picture(data.steps), this.#ceiling, element("p", { class: "lane-note dim" }, note ?? ""));
    this.#drawNumbers();
  }

  /** @param {number} step under the cursor, −1 for none: then the newest that is known is told */
  point(step) {
    this.#cursor = step;
    [...this.#numbers.children].forEach((item, i) => (item.lastChild.textContent = this.#text(this.#parts[i])));
  }

  /** @param {number} step  @returns {string} for who hears it */
  words(step) {
    if (!this.#parts.some(({ values }) => values[step] !== null)) return "";
    return `${this.#lane.title}: ${this.#parts.map(({ name, values }) => `${name} ${laneText(values[step], this.#lane.unit)}`).join(", ")}`;
  }

  #picture(steps) {
    const paths = this.#lane.shape === "stack" ? this.#areas() : this.#lines();
    return svg("svg", { viewBox: `0 0 ${steps} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, ...paths);
  }

  #areas() {
    return stacked(this.#parts).map((layer, i) => svg("path", { class: `tone-${this.#parts[i].tone}`, d: areaPath(layer, this.#top) }));
  }

  /** The first, which is the main one, on top. */
  #lines() {
    return this.#parts.map(({ tone, values }) => svg("path", { class: `lane-line line-${tone}`, d: linePath(values, this.#top) })).reverse();
  }

  #drawNumbers() {
    const same = this.#numbers.children.length === this.#parts.length && this.#parts.every(({ name }, i) => this.#numbers.children[i].dataset.part === name);
    if (same) return;
    this.#numbers.replaceChildren(...this.#parts.map(({ name, tone }) => numberItem(name, tone)));
  }

  #text({ values }) {
    const step = this.#cursor >= 0 ? this.#cursor : values.findLastIndex((value) => value !== null);
    return laneText(values[step] ?? null, this.#lane.unit);
  }
}

/** @param {string} name  @param {number} tone  @returns {HTMLElement} its last child takes the number */
export function numberItem(name, tone) {
  const swatch = svg("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { width: 10, height: 10, rx: 2, class: `tone-${tone}` }));
  return element("li", { "data-part": name }, swatch, element("span", {}, `${name} `), element("b"));
}

/** @param {{id: string, title: string, about: string}} lane  @param {HTMLElement} numbers  @param {HTMLElement} plot  @param {HTMLElement|null} verbs what can be done with it */
export function laneElement({ id, title, about }, numbers, plot, verbs = null) {
  return element("div", { class: "lane", "data-lane": id }, element("div", { class: "lane-head" }, element("h3", { title: about }, title, verbs), numbers), plot);
}
