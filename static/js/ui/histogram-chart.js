/**
 * `<histogram-chart data-plotly data-plotly-style>`: a latency heat map with percentiles as lines. For who does not see it
 * the page has tables of the same. Event: `cell` {column, bucket}.
 */

import { heatFills } from "../core/heat-colors.js";
import { histogramFigure } from "../core/histogram-figure.js";
import { element } from "./element.js";
import { plotly } from "./plotly.js";
import { currentTheme, watchTheme } from "./theme.js";

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
    const probe = element("span", { hidden: true });
    this.append(probe);
    const color = (value) => {
      probe.style.color = value;
      return getComputedStyle(probe).color;
    };
    const text = color("var(--text)");
    const ink = { text, grid: color("var(--line)"), surface: color("var(--surface)"), heat: heatFills(currentTheme()).slice(1), lines: [color("var(--percentile-1)"), color("var(--percentile-2)"), color("var(--percentile-3)")] };
    probe.remove();
    return ink;
  }
}

customElements.define("histogram-chart", HistogramChart);
