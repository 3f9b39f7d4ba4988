/**
 * `<histogram-chart data-plotly data-plotly-style>`: a latency heat map with percentiles as lines. For who does not see it
 * the page has tables of the same. Event: `cell` {column, bucket}.
 */

import { heatFills } from "../core/heat-colors.js";
import { histogramFigure } from "../core/histogram-figure.js";
import { element } from "./element.js";
import { pageColors } from "./page-colors.js";
import { plotly } from "./plotly.js";
import { currentTheme, watchTheme } from "./theme.js";

const INK = { text: "var(--text)", grid: "var(--line)", surface: "var(--surface)", one: "var(--percentile-1)", two: "var(--percentile-2)", three: "var(--percentile-3)" };

export class HistogramChart extends HTMLElement {
  #plot = element("div", { class: "plot-area", role: "img" });
  #status = element("p", { class: "dim", role: "status" });
  #shown = null;
  #low = 0;
  #busy = false;
  #stopTheme = null;

  connectedCallback() {
    this.replaceChildren(this.#plot, this.#status);
    this.#stopTheme = watchTheme(() => this.#draw());
  }

  disconnectedCallback() {
    this.#stopTheme();
  }

  /** @param {object} figure  @param {object[]} columns  @param {object} buckets  @param {object} words  @param {string} told for screen readers */
  show(figure, columns, buckets, words, told) {
    this.#shown = [figure, columns, buckets, words];
    this.#plot.setAttribute("aria-label", told);
    return this.#draw();
  }

  async #draw() {
    if (this.#shown === null || this.#busy) return;
    this.#busy = true;
    try {
      if (!window.Plotly) this.#status.textContent = "Fetching the chart…";
      const library = await plotly({ script: this.dataset.plotly, style: this.dataset.plotlyStyle });
      const { data, layout } = histogramFigure(...this.#shown, this.#ink());
      this.#low = data[0].y[0] - 0.5;
      this.#status.textContent = "";
      await library.react(this.#plot, data, layout, { displayModeBar: false, responsive: true });
      if (!this.#plot.dataset.listens) this.#listen();
    } catch (error) {
      this.#status.textContent = error.message;
    } finally {
      this.#busy = false;
    }
  }

  #listen() {
    this.#plot.dataset.listens = "yes";
    this.#plot.on("plotly_click", ({ points }) => {
      const cell = points.find(({ curveNumber }) => curveNumber === 0);
      if (!cell) return;
      const [row, column] = cell.pointIndex ?? cell.pointNumber;
      this.dispatchEvent(new CustomEvent("cell", { detail: { column, bucket: this.#low + row } }));
    });
  }

  /** The page's own colours. */
  #ink() {
    const { one, two, three, ...ink } = pageColors(this, INK);
    return { ...ink, heat: heatFills(currentTheme()).slice(1), lines: [one, two, three] };
  }
}

customElements.define("histogram-chart", HistogramChart);
