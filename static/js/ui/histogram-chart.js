/**
 * `<histogram-chart>`: a plot-chart, of latencies with percentiles as lines. Event: `cells` {cells}, what was chosen (core/cells.js), null for nothing.
 * `cellWords` says what is in a cell.
 */

import { histogramFigure } from "../core/histogram-figure.js";
import { CellPicker } from "./cell-picker.js";
import { PlotChart } from "./plot-chart.js";

export class HistogramChart extends PlotChart {
  #picker = null;
  #cells = null;
  #shown = null;

  cellWords = ({ bucket }) => String(bucket);

  /** @param {import("../core/cells.js").Cells|null} cells what is chosen */
  mark(cells) {
    this.#cells = cells;
    this.#picker?.mark(cells);
  }

  /** @param {object} figure  @param {object[]} columns  @param {object} buckets  @param {object} words  @param {string} told for screen readers */
  show(figure, columns, buckets, words, told) {
    this.#shown = { columns, stepMs: words.stepMs };
    return super.show((ink) => histogramFigure(figure, columns, buckets, words, ink), told);
  }

  drawn(plot, figure) {
    this.#picker ??= this.#picks(plot);
    const { columns, stepMs } = this.#shown;
    const [low, high] = figure.layout.yaxis.range;
    // Plotly's axes end where cells do (core/histogram-figure.js).
    this.#picker.show({ from: columns[0].at, to: columns.at(-1).at + stepMs, low, high: high - 1, stepMs });
  }

  #picks(plot) {
    for (const [name, value] of [["role", "application"], ["tabindex", "0"], ["aria-roledescription", "heat map"], ["aria-describedby", "cells-keys"]]) plot.setAttribute(name, value);
    const picker = new CellPicker(plot, {
      rect: () => plot.querySelector(".nsewdrag")?.getBoundingClientRect() ?? null,
      say: (cell) => this.cellWords(cell),
      choose: (cells) => this.dispatchEvent(new CustomEvent("cells", { detail: { cells } })),
    });
    picker.mark(this.#cells);
    return picker;
  }
}

customElements.define("histogram-chart", HistogramChart);
