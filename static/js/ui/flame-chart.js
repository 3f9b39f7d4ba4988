/**
 * `<flame-chart>`: stacks in the order of time, a lane for each thread, the busiest first; all lanes show the same time.
 * Events: `inspect` {tree, node, focus}, `sandwich` {target, how}: the selected function, `look` {time, lane}: the part of the
 * time and the lane that are in sight, as the view state has them.
 */

import { stepsInTime } from "../core/chart-steps.js";
import { count } from "../core/format.js";
import { timeMarks } from "../core/heat-axis.js";
import { printable } from "../core/labels.js";
import { patternsOf } from "../core/search-terms.js";
import { formatSpans, parseSpans } from "../core/spans.js";
import { named } from "../core/targets.js";
import { describeStep } from "../core/trail.js";
import { reshape } from "../core/tree.js";
import { Analyst } from "./analyst.js";
import { element } from "./element.js";
import { told } from "./profile-message.js";
import { LoadError, loadMoments, loadTree } from "./tree-loader.js";
import "./flame-graph.js";

/** Lanes that are fetched at first, and more of them with each press. */
const STEP = 4;
const MAX_ROWS = 20;
const ROW_PX = 18;
/** Room for one mark of the time axis. */
const MARK_PX = 80;
const NS = 1e9;
/** Steps on a chart of more nodes would stop the page: 20,000 take a tenth of a second and more. */
const STEPS_HERE_NODES = 3_000;
/** Wheels and fingers tell of many places on the way. */
const AT_REST_MS = 200;

export class FlameChart extends HTMLElement {
  #state = null;
  #url = "";
  #names = [];
  /** As they came, by graph: what steps are taken on. */
  #charts = new Map();
  #graphs = [];
  /** Whether all of a thread was too much: then what is selected in the heat map is asked for. */
  #tooMuch = false;
  #range = null;
  #steps = { steps: [], left: [] };
  #resting = 0;
  #status = element("p", { class: "panel-status", role: "status" });
  #untaken = element("p", { class: "panel-status", role: "status", hidden: true });
  #axis = element("div", { class: "heat-axis", "aria-hidden": "true" });
  #scroller = null;
  #lanes = element("div", { class: "chart-lanes" });
  #more = element("button", { type: "button", hidden: true, onclick: () => this.#add(STEP) });
  #resized = new ResizeObserver(() => this.#showAxis());

  connectedCallback() {
    if (this.#lanes.isConnected) return;
    this.#scroller = element("div", { class: "panel-scroller", onscroll: () => this.#rest() }, this.#lanes, this.#more);
    this.append(this.#status, this.#untaken, this.#axis, this.#scroller);
    this.#resized.observe(this.#axis);
  }

  disconnectedCallback() {
    clearTimeout(this.#resting);
    this.#resized.disconnect();
  }

  /** @param {{state: object, base: import("../core/tree.js").Tree, taken: import("../core/transforms.js").Taken[]}} shown */
  async show({ state, base, taken }) {
    const before = this.#state;
    this.#state = state;
    this.#take(stepsInTime(base, taken));
    for (const graph of this.#graphs) this.#look(graph);
    const elsewhere = before !== null && (before.at !== state.at || (before.time !== state.time && state.time !== this.#told().time));
    if (elsewhere && this.#range !== null) {
      this.#moveTo(rangeOf(before.at === state.at ? state : { ...state, time: "" }, this.#total));
      this.#rest();
    }
    if (this.#tooMuch && before.at !== state.at) this.#clear();
    const url = new URL(this.closest("profile-view").getAttribute("moments-url"), document.baseURI);
    if (url.href === this.#url) return;
    this.#url = url.href;
    try {
      await this.#list();
    } catch (error) {
      // What could not be had is asked for again.
      this.#url = "";
      throw error;
    }
  }

  #clear() {
    this.#url = "";
    this.#tooMuch = false;
    this.#graphs = [];
    this.#charts.clear();
    this.#lanes.replaceChildren();
  }

  #take(steps) {
    const same = steps.steps.join("\n") === this.#steps.steps.join("\n");
    this.#steps = same ? { ...steps, steps: this.#steps.steps } : steps;
    this.#untaken.hidden = steps.left.length === 0;
    this.#untaken.textContent = steps.left.map(({ step, why }) => `${describeStep(step)}: not in the chart, since ${why}.`).join(" ");
    if (!same) this.#guard(() => this.#drawAll());
  }

  async #drawAll() {
    const { steps } = this.#steps;
    for (const graph of [...this.#graphs]) {
      // Each in a turn of its own: the page goes on in between.
      await new Promise((resolve) => setTimeout(resolve));
      if (steps !== this.#steps.steps) return;
      await this.#draw(graph);
    }
  }

  /** A lane after the steps, those of now, where all lanes are. */
  async #draw(graph) {
    const { steps } = this.#steps;
    const tree = await after(this.#charts.get(graph), steps);
    if (steps !== this.#steps.steps) return this.#draw(graph);
    graph.style.blockSize = `${Math.min(MAX_ROWS, tree.maxDepth + 2) * ROW_PX}px`;
    graph.tree = tree;
    this.#look(graph);
    if (this.#range !== null) graph.viewport = this.#range;
  }

  get #total() {
    return this.#graphs[0].tree.total[0];
  }

  async #list() {
    this.#status.textContent = "Asking what ran when…";
    const { names, counts, all_samples: all } = await loadMoments(this.#asking({ by: "thread", columns: 1 }));
    this.#names = names.map((name, i) => ({ name, samples: counts[i][0] }));
    this.#status.textContent = all === 0 ? "This profile has no times of its samples: it was uploaded, or recorded before they were kept." : "A frame is as long as one sample after the other had it. Zoom and pan as in the graph, all threads together; at least a pixel stands for each run.";
    const wanted = names.indexOf(this.#state.lane);
    await this.#add(Math.max(STEP, wanted + 1));
    if (wanted > 0) this.#scroller.scrollTop = (this.#lanes.children[wanted]?.offsetTop ?? 0) - this.#lanes.offsetTop;
  }

  async #add(more) {
    const there = this.#lanes.childElementCount;
    for (const { name, samples } of this.#names.slice(there, there + more)) await this.#lane(name, samples);
    const left = this.#names.length - this.#lanes.childElementCount;
    this.#more.hidden = left === 0;
    this.#more.textContent = `Show ${Math.min(STEP, left)} more of ${left} threads`;
  }

  async #lane(name, samples) {
    const section = element("section", { "aria-label": printable(name) }, element("h3", {}, element("bdi", {}, printable(name)), ` · ${count(samples)} samples`));
    this.#lanes.append(section);
    try {
      await this.#fill(section, await this.#chart(name));
    } catch (error) {
      section.append(element("p", { class: "panel-status", role: "status" }, told(error)));
    }
  }

  /** All of a thread; where that is more than one picture has, what is selected of it. */
  async #chart(name) {
    const load = (part) => loadTree(this.#asking({ by: "chart", lane: name, ...part }), () => {}, new AbortController().signal);
    try {
      return await load({});
    } catch (error) {
      if (!(error instanceof LoadError) || error.again) throw error;
      this.#tooMuch = true;
      const [from, to] = hull(parseSpans(this.#state.at));
      if (!(from < to)) throw error;
      return load({ from, to });
    }
  }

  async #fill(section, tree) {
    const graph = element("flame-graph");
    this.#charts.set(graph, tree);
    this.#graphs.push(graph);
    section.append(graph);
    this.#range ??= rangeOf(this.#state, tree.total[0]);
    await this.#draw(graph);
    this.#listen(graph);
    this.#showAxis();
  }

  #listen(graph) {
    graph.addEventListener("viewchange", () => this.#moveTo(graph.viewport, graph));
    graph.addEventListener("inspect", ({ detail: { node } }) => this.#emit("inspect", { tree: graph.tree, node, focus: graph.focusNode }));
    graph.addEventListener("select", ({ detail: { node } }) => node > 0 && this.#emit("sandwich", { target: named(graph.tree.name(node)), how: "replace" }));
  }

  #look(graph) {
    Object.assign(graph, { palette: this.#state.color, query: patternsOf(this.#state).join("\n") });
  }

  /** @param {{start: number, end: number}} range  @param {HTMLElement} [by] it is there already */
  #moveTo(range, by) {
    this.#range = range;
    for (const graph of this.#graphs) if (graph !== by) graph.viewport = range;
    this.#showAxis();
    if (by) this.#rest();
  }

  /** Tell what is in sight once it stays. */
  #rest() {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#graphs.length > 0 && this.checkVisibility() && this.#emit("look", this.#told()), AT_REST_MS);
  }

  #told() {
    const { start, end } = this.#range ?? {};
    const all = this.#range === null ? {} : rangeOf({ ...this.#state, time: "" }, this.#total);
    const first = [...this.#lanes.children].findIndex((lane) => lane.offsetTop + lane.offsetHeight > this.#scroller.scrollTop + this.#lanes.offsetTop);
    return { time: start === all.start && end === all.end ? "" : formatSpans([[start / NS, end / NS]]), lane: first > 0 ? this.#names[first].name : "" };
  }

  #showAxis() {
    if (this.#range === null || this.#axis.clientWidth === 0) return;
    const width = this.#graphs[0].clientWidth;
    const [from, to] = [this.#range.start / NS, this.#range.end / NS];
    this.#axis.replaceChildren(...timeMarks(to, Math.max(1, Math.floor(width / MARK_PX)), from).map(({ at, text }) => {
      const mark = element("span", {}, text);
      mark.style.insetInlineStart = `${(width * (at - from)) / (to - from)}px`;
      return mark;
    }));
  }

  #asking(wanted) {
    const url = new URL(this.#url);
    for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, value);
    return url.href;
  }

  /** What can't be had is told; what is there stays. */
  async #guard(work) {
    try {
      await work();
    } catch (error) {
      this.#status.textContent = `${error.message}. ${error.advice ?? ""}`;
    }
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Large ones in a worker, which is of no more use then. @param {import("../core/tree.js").Tree} chart  @param {string[]} steps */
async function after(chart, steps) {
  if (steps.length === 0) return chart;
  const analyst = new Analyst(STEPS_HERE_NODES);
  analyst.setTree(chart);
  const shape = await analyst.ask("chart", steps);
  analyst.stop();
  return reshape(chart, shape);
}

/** What was looked at, else what is selected in the heat map, else everything. @param {object} state  @param {number} total ns */
function rangeOf({ at, time }, total) {
  const looked = parseSpans(time);
  const spans = looked.length > 0 && looked[0][0] * NS < total ? looked.slice(0, 1) : parseSpans(at);
  if (spans.length === 0) return { start: 0, end: total };
  const [from, to] = hull(spans);
  return { start: from * NS, end: Math.min(total, to * NS) };
}

/** From the first to the last of them, in seconds; of none, from Infinity on. @param {import("../core/spans.js").Span[]} spans */
function hull(spans) {
  return [Math.min(...spans.map(([from]) => from)), Math.max(...spans.map(([, to]) => to))];
}

customElements.define("flame-chart", FlameChart);
