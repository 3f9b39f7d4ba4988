/** `<histogram-chart>`: a plot-chart, of latencies with percentiles as lines. Event: `cell` {column, bucket}. */

import { histogramFigure } from "../core/histogram-figure.js";
import { PlotChart } from "./plot-chart.js";

export class HistogramChart extends PlotChart {
  #low = 0;
  #listens = false;

  /** @param {object} figure  @param {object[]} columns  @param {object} buckets  @param {object} words  @param {string} told for screen readers */
  show(figure, columns, buckets, words, told) {
    return super.show((ink) => histogramFigure(figure, columns, buckets, words, ink), told);
  }

  drawn(plot, figure) {
    this.#low = figure.data[0].y[0] - 0.5;
    if (this.#listens) return;
    this.#listens = true;
    plot.on("plotly_click", ({ points }) => {
      const cell = points.find(({ curveNumber }) => curveNumber === 0);
      if (!cell) return;
      const [row, column] = cell.pointIndex ?? cell.pointNumber;
      this.dispatchEvent(new CustomEvent("cell", { detail: { column, bucket: this.#low + row } }));
    });
  }
}

customElements.define("histogram-chart", HistogramChart);
