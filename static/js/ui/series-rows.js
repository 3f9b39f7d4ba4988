/** Explore's heat map: a row for each value of a label. `<heat-map>` is loaded when it is first opened. */

import { SeriesCells } from "../core/series-cells.js";

export class SeriesRows {
  #cells = null;
  #of = null;

  /** @param {HTMLElement} map a <heat-map>  @param {(chosen: {part: object|null, values: string[]}) => void} choose */
  constructor(map, choose) {
    this.map = map;
    map.addEventListener("select", ({ detail: { spans } }) => {
      const [, to] = spans[0];
      choose({ part: to === Infinity ? null : this.#cells.moment(spans[0]), values: this.#cells.valuesOf(spans) });
    });
  }

  /**
   * @param {object|null} series the API's answer  @param {{begin: number, end: number}} range
   * @param {{begin: number, end: number}|null} part  @param {{begin: number, end: number}|null} base side A's
   */
  async show(series, range, part, base) {
    if (series === null) return;
    await import("./heat-map.js");
    if (this.#of !== series) this.#cells = new SeriesCells(series, range);
    this.#of = series;
    this.map.hidden = series.groups.length === 0;
    const marked = (moment) => (moment ? [this.#cells.spanAt(moment)] : []);
    if (!this.map.hidden) this.map.show(this.#cells, marked(part), marked(base));
  }
}
