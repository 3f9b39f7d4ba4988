/**
 * Totals over time as cells of a heat map, a row for each value of a label: which hosts were busy when. What Explore's bars
 * are, so a column is a step of them and a profile counts where it began.
 */

import { value } from "./format.js";
import { HeatCells } from "./heat-cells.js";
import { laneName } from "./spans.js";
import { clock, rangeText, span, ticks } from "./time-range.js";

/** Rows that fit below the bars; the rest is one. */
export const SERIES_ROWS = 40;

export class SeriesCells extends HeatCells {
  /** @param {object} series the API's answer  @param {{begin: number, end: number}} range */
  constructor(series, range) {
    const { groups, values, rest, step_ms: step, begin_ms: begin } = series;
    super({
      by: "label",
      column_ns: step * 1e6,
      last_ns: (range.end - begin) * 1e6 - 1,
      counts: rest.groups > 0 ? [...values, rest.values] : values,
      names: groups.map((name) => name || "(none)"),
      others: rest.groups,
    });
    Object.assign(this, { series, range });
  }

  get columnText() {
    return span(this.series.step_ms);
  }

  get hint() {
    return "Each profile counts where it began. Drag over a part; a press on a name looks at it alone.";
  }

  when([from, to, lane]) {
    const { begin, end } = this.moment([from, to]);
    return to === Infinity ? laneName(lane) : `${lane ? `${laneName(lane)}, ` : ""}${rangeText({ begin, end })}`;
  }

  amount(number) {
    return value(number, this.series.unit || "samples");
  }

  marks(most) {
    const found = ticks(this.range, most);
    const step = found.length > 1 ? found[1].at - found[0].at : this.range.end - this.range.begin;
    return found.map(({ at, day }) => ({ at: (at - this.series.begin_ms) / 1000, text: day ? clock(at, Infinity) : clock(at, step) }));
  }

  /** When a span is, within the range. @param {import("./spans.js").Span} span  @returns {{begin: number, end: number}} */
  moment([from, to]) {
    const at = (s) => this.series.begin_ms + s * 1000;
    return { begin: Math.max(this.range.begin, at(from)), end: Math.min(this.range.end, at(to)) };
  }

  /** The span of a moment. @param {{begin: number, end: number}} moment  @returns {[number, number]} */
  spanAt({ begin, end }) {
    return [begin, end].map((at) => Math.max(0, (at - this.series.begin_ms) / 1000));
  }

  /** The values of the label that spans are of; none when they are of all. @param {import("./spans.js").Span[]} spans */
  valuesOf(spans) {
    return spans.filter(([, , lane]) => lane).map(([, , lane]) => this.series.groups[this.names.indexOf(laneName(lane))]);
  }
}
