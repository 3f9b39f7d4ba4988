/** `<function-chart data-plotly data-plotly-style>`: functions over time as lines, with Plotly's zoom, hover and legend. */

import { functionChart } from "../core/function-chart.js";
import { element } from "./element.js";
import { plotly } from "./plotly.js";
import { watchTheme } from "./theme.js";

const TONES = 7;

export class FunctionChart extends HTMLElement {
  #plot = element("div", { class: "plot-area" });
  #status = element("p", { class: "dim", role: "status" });
  #shown = null;
  #stopTheme = null;

  connectedCallback() {
    this.replaceChildren(this.#status, this.#plot);
    this.#stopTheme = watchTheme(() => this.#shown && this.show(...this.#shown));
  }

  disconnectedCallback() {
    this.#stopTheme();
  }

  /** @param {object} answer of the API  @param {object[]} rows core/function-rows.js  @param {string} chosen */
  async show(answer, rows, chosen) {
    this.#shown = [answer, rows, chosen];
    if (!window.Plotly) this.#status.textContent = "Fetching the chart…";
    try {
      const library = await plotly({ script: this.dataset.plotly, style: this.dataset.plotlyStyle });
      const { traces, layout } = functionChart(...this.#shown, this.#ink());
      this.#status.textContent = "";
      await library.react(this.#plot, traces, layout, { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d"] });
    } catch (error) {
      this.#status.textContent = error.message;
    }
  }

  /** The page's own colours. */
  #ink() {
    const probe = element("span", { hidden: true });
    this.append(probe);
    const color = (value) => {
      probe.style.color = value;
      return getComputedStyle(probe).color;
    };
    const ink = { text: color("var(--text)"), grid: color("var(--line)"), surface: color("var(--surface)"), lines: Array.from({ length: TONES }, (_, i) => color(`var(--tone-${i})`)) };
    probe.remove();
    return ink;
  }
}

customElements.define("function-chart", FunctionChart);
