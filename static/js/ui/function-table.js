/**
 * `<function-table>`: the largest functions of the selection, each with its course over time.
 * Events: `order` {order}, `series` {name} (its course in the timeline; "" for none), `find` {name} (in the graph).
 */

import { amount, share } from "../core/format.js";
import { functionRows, matching } from "../core/function-rows.js";
import { KINDS } from "../core/kinds.js";
import { printable } from "../core/labels.js";
import { sparkline } from "../render/bars.js";
import { element } from "./element.js";
import "./function-chart.js";

export class FunctionTable extends HTMLElement {
  #answer = null;
  #shown = { order: "total", fn: "", whole: 0 };
  #filter = element("input", { type: "search", placeholder: "Filter functions", "aria-label": "Filter functions", oninput: () => this.#draw() });
  #status = element("span", { class: "dim", role: "status" });
  #scale = element("select", { "aria-label": "Scale of the courses", onchange: () => this.#draw() }, element("option", { value: "own" }, "each to its own highest"), element("option", { value: "same" }, "all to the same"));
  #as = element("select", { "aria-label": "Show as", onchange: () => this.#draw() }, element("option", { value: "table" }, "table"), element("option", { value: "chart" }, "chart"));
  #chart = element("function-chart", { hidden: true });
  #table = null;
  #heads = { own: this.#head("own", "Self"), total: this.#head("total", "Total") };
  #body = element("tbody");

  connectedCallback() {
    if (this.#body.isConnected) return;
    const heads = element("tr", {}, element("th", { scope: "col" }, "Function"), element("th", { scope: "col", class: "wide-only" }, "Module"), this.#heads.own, this.#heads.total, element("th", { scope: "col", class: "course" }, "Over time"), element("th", { scope: "col" }, element("span", { class: "visually-hidden" }, "Verbs")));
    Object.assign(this.#chart.dataset, { plotly: this.dataset.plotly, plotlyStyle: this.dataset.plotlyStyle });
    this.#table = element("table", { class: "table dense functions" }, element("caption", { class: "visually-hidden" }, "Functions over time"), element("thead", {}, heads), this.#body);
    const tools = element("div", { class: "table-tools" }, this.#filter, element("label", {}, "Show as ", this.#as), element("label", {}, "Scale ", this.#scale), this.#status);
    this.append(tools, this.#chart, this.#table);
  }

  get answer() {
    return this.#answer;
  }

  /** @param {object|null} answer of the API, null while it is under way  @param {{order: "own"|"total", fn: string, whole: number}} shown `whole`: what shares are of */
  show(answer, shown) {
    this.#answer = answer;
    this.#shown = shown;
    this.setAttribute("aria-busy", String(answer === null));
    for (const [name, head] of Object.entries(this.#heads)) {
      if (name === shown.order) head.setAttribute("aria-sort", "descending");
      else head.removeAttribute("aria-sort");
    }
    this.#draw();
  }

  /** The course of the chosen function. @returns {{begin_ms: number, step_ms: number, values: number[]}|null} */
  get series() {
    const found = this.#answer?.functions.find(({ name }) => name === this.#shown.fn);
    return found ? { begin_ms: this.#answer.begin_ms, step_ms: this.#answer.step_ms, values: found[this.#shown.order] } : null;
  }

  #draw() {
    if (this.#answer === null) {
      this.#status.textContent = "Asking…";
      return;
    }
    const every = functionRows(this.#answer, this.#shown.order);
    const found = matching(every, this.#filter.value);
    const highest = Math.max(1, ...found.flatMap(({ values }) => values));
    const top = (values) => (this.#scale.value === "same" ? highest : Math.max(1, ...values));
    this.#status.textContent = every.length === 0 ? "No functions in this part." : found.length === every.length ? `The ${every.length} largest` : `${found.length} of the ${every.length} largest`;
    this.#body.replaceChildren(...found.map((row) => this.#row(row, top(row.values))));
    const asChart = this.#as.value === "chart";
    this.#chart.hidden = !asChart;
    this.#table.hidden = asChart;
    this.#scale.parentElement.hidden = asChart;
    if (asChart) this.#chart.show(this.#answer, found, this.#shown.fn);
  }

  #row(row, top) {
    const { whole, fn } = this.#shown;
    const chosen = row.name === fn;
    const name = printable(row.name);
    const number = (n) => element("td", { class: "num" }, share(n, whole), " ", element("span", { class: "dim wide-only" }, amount(n, this.#answer.unit)));
    const course = element("button", { type: "button", class: "quiet course-button", title: `${name} in the timeline`, "aria-pressed": String(chosen), onclick: () => this.#emit("series", { name: chosen ? "" : row.name }) }, "");
    course.append(sparkline(row.values, top), element("span", { class: "visually-hidden" }, `Show ${name} in the timeline`));
    const find = element("button", { type: "button", class: "quiet", title: `Find ${name} in the flame graph`, onclick: () => this.#emit("find", { name: row.name }) }, "Graph");
    return element(
      "tr",
      { "aria-selected": String(chosen) },
      element("th", { scope: "row", class: "fn" }, element("bdi", { class: "mono", title: name }, name), element("span", { class: "dim kind" }, ` ${KINDS[row.kind]?.legend ?? ""}`)),
      element("td", { class: "dim mono wide-only module" }, row.module ? printable(row.module) : ""),
      number(row.own),
      number(row.total),
      element("td", { class: "course" }, course),
      element("td", { class: "act" }, find),
    );
  }

  #head(order, text) {
    const title = order === "own" ? "In the function itself" : "In the function and all it called";
    return element("th", { scope: "col", class: "num" }, element("button", { type: "button", class: "link", title, onclick: () => this.#emit("order", { order }) }, text));
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("function-table", FunctionTable);
