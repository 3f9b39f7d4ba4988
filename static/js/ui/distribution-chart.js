/** A distribution as bars, drawn by Plotly, which is fetched when the first one is wanted. For who does not see it there is a table beside it. */

import { distributionFigure } from "../core/distribution-figure.js";
import { element } from "./element.js";
import { pageColors } from "./page-colors.js";
import { plotly } from "./plotly.js";
import { watchTheme } from "./theme.js";

const INK = { text: "var(--text)", grid: "var(--line)", surface: "var(--surface)", bar: "var(--accent)" };

export class DistributionChart extends HTMLElement {
  #plot = element("div", { class: "plot-area", role: "img" });
  #status = element("p", { class: "dim", role: "status" });
  #shown = null;
  #stopTheme = null;

  connectedCallback() {
    this.replaceChildren(this.#plot, this.#status);
    this.#stopTheme = watchTheme(() => this.#draw());
  }

  disconnectedCallback() {
    this.#stopTheme();
  }

  /** @param {object} figure  @param {ArrayLike<number>} counts  @param {(bucket: number) => string} range  @param {string} told for screen readers  @param {{script: string, style: string}} urls of Plotly */
  show(figure, counts, range, told, urls) {
    this.#shown = { figure, counts, range, urls };
    this.#plot.setAttribute("aria-label", told);
    return this.#draw();
  }

  async #draw() {
    if (this.#shown === null) return;
    const { figure, counts, range, urls } = this.#shown;
    try {
      if (!window.Plotly) this.#status.textContent = "Fetching the chart…";
      const library = await plotly(urls);
      const { data, layout } = distributionFigure(figure, counts, range, pageColors(this, INK));
      this.#status.textContent = "";
      await library.react(this.#plot, data, layout, { displayModeBar: false, responsive: true });
    } catch (error) {
      this.#status.textContent = error.message;
    }
  }
}

customElements.define("distribution-chart", DistributionChart);
