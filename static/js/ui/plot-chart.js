/**
 * `<plot-chart data-plotly data-plotly-style>`: a chart of Plotly in the page's own colours. For who does not see it the
 * page has the same as a table.
 */

import { heatFills } from "../core/heat-colors.js";
import { element } from "./element.js";
import { pageColors } from "./page-colors.js";
import { plotly } from "./plotly.js";
import { currentTheme, watchTheme } from "./theme.js";

const INK = { text: "var(--text)", grid: "var(--line)", surface: "var(--surface)", bar: "var(--accent)", one: "var(--percentile-1)", two: "var(--percentile-2)", three: "var(--percentile-3)" };

export class PlotChart extends HTMLElement {
  #plot = element("div", { class: "plot-area", role: "img" });
  #status = element("p", { class: "dim", role: "status" });
  #make = null;
  #busy = false;
  #again = false;
  #stopTheme = null;
  /** A chart of no width, as in what is closed, is drawn when it has one. */
  #resized = new ResizeObserver(() => this.draw());

  connectedCallback() {
    // One that is only moved stays as it is drawn.
    if (this.childElementCount === 0) this.append(this.#plot, this.#status);
    this.#stopTheme = watchTheme(() => this.draw());
    this.#resized.observe(this);
  }

  disconnectedCallback() {
    this.#stopTheme();
    this.#resized.disconnect();
  }

  /** @param {(ink: object) => {data: object[], layout: object}} make  @param {string} told for screen readers */
  show(make, told) {
    this.#make = make;
    this.#plot.setAttribute("aria-label", told);
    return this.draw();
  }

  /** For who listens to Plotly's events. @param {HTMLElement} plot  @param {object} figure that is drawn now */
  drawn(plot, figure) {}

  async draw() {
    if (this.#make === null || this.clientWidth === 0) return;
    if (this.#busy) return (this.#again = true);
    this.#busy = true;
    try {
      await this.#react();
    } catch (error) {
      this.#status.textContent = error.message;
    } finally {
      this.#busy = false;
    }
    if (this.#again) {
      this.#again = false;
      this.draw();
    }
  }

  async #react() {
    if (!window.Plotly) this.#status.textContent = "Fetching the chart…";
    const library = await plotly({ script: this.dataset.plotly, style: this.dataset.plotlyStyle });
    const figure = this.#make(this.#ink());
    this.#status.textContent = "";
    await library.react(this.#plot, figure.data, { ...figure.layout, width: this.#plot.clientWidth, height: this.#plot.clientHeight }, { displayModeBar: false });
    this.drawn(this.#plot, figure);
  }

  /** The page's own colours. */
  #ink() {
    const { one, two, three, ...ink } = pageColors(this, INK);
    return { ...ink, heat: heatFills(currentTheme()).slice(1), lines: [one, two, three] };
  }
}

customElements.define("plot-chart", PlotChart);
