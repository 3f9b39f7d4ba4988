/**
 * `<time-line>`: totals over time as stacked bars, and a brush that chooses a part: drag over the bars, drag or move the
 * edges with the arrow keys. Drawn by ourselves: it is the control of the page, is there with the first numbers, and
 * every step of it can be reached by keys.
 *
 * Events: `part` {part: {begin, end}|null, how: "step"|"drift"}, `zoom` (Enter: the part becomes the range).
 */

import { amount, value } from "../core/format.js";
import { brushOf, ceiling, layers, moveEdge, partOf, shift, sums } from "../core/timeline.js";
import { clock, rangeText, span, ticks } from "../core/time-range.js";
import { overlayLine, stackedBars } from "../render/bars.js";
import { element } from "./element.js";
import { listenToBrush } from "./time-line-pointer.js";

const PAGE = 10;
const TICK_PX = 110;
/** A day's name; with less room than that a label stands before its mark. */
const LABEL_PX = 80;

export class TimeLine extends HTMLElement {
  #series = null;
  #range = null;
  #brush = null;
  #layers = [];
  #plot = element("div", { class: "plot" });
  #axis = element("div", { class: "axis", "aria-hidden": "true" });
  #top = element("span", { class: "ceiling dim" });
  #window = element("div", { class: "window", hidden: true });
  #base = element("div", { class: "base-window", hidden: true, title: "Side A" }, element("span", {}, "A"));
  #shades = [element("div", { class: "shade" }), element("div", { class: "shade" })];
  #edges = ["from", "to"].map((edge) => this.#edge(edge));
  #readout = element("p", { class: "readout dim" });
  #overlay = null;
  #resized = new ResizeObserver(() => this.#drawAxis());

  connectedCallback() {
    if (this.#plot.isConnected) return;
    this.append(element("div", { class: "chart" }, this.#top, this.#plot), this.#axis, this.#readout);
    listenToBrush(this.#plot, this);
    this.#resized.observe(this.#plot);
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "Totals over time");
  }

  disconnectedCallback() {
    this.#resized.disconnect();
  }

  get layers() {
    return this.#layers;
  }
  get steps() {
    return this.#series?.profiles.length ?? 0;
  }
  /** Sum of the part that is looked at. */
  get total() {
    const { from, to } = this.#brush ?? { from: 0, to: this.steps };
    return sums(this.#layers).slice(from, to).reduce((sum, one) => sum + one, 0);
  }
  get brush() {
    return this.#brush;
  }

  /** @param {object} series the API's answer  @param {{begin: number, end: number}} range */
  show(series, range) {
    this.#series = series;
    this.#range = range;
    this.#layers = layers(series);
    this.#draw();
  }

  /** @param {{begin: number, end: number}|null} part  @param {{begin: number, end: number}|null} base side A's */
  mark(part, base) {
    if (!this.#series) return;
    this.#brush = brushOf(part, this.#series, this.steps);
    this.#base.hidden = base === null || base.end <= this.#range.begin || base.begin >= this.#range.end;
    if (!this.#base.hidden) this.#place(this.#base, ...[base.begin, base.end].map((at) => this.#at(at)));
    this.#drawBrush();
  }

  /** A line over the bars. @param {{begin_ms: number, step_ms: number, values: number[]}|null} line */
  set overlay(line) {
    this.#overlay = line;
    if (this.#series) this.#draw();
  }

  /** Another brush. @param {import("../core/timeline.js").Brush} brush  @param {"step"|"drift"|null} how null: not decided yet */
  choose(brush, how) {
    this.#brush = brush;
    this.#drawBrush();
    if (how) this.#emit("part", { part: partOf(brush, this.#series, this.#range), how });
  }

  /** @param {number} step under the pointer, or −1 */
  point(step) {
    this.#tell(step);
  }

  #draw() {
    const { begin_ms: begin, step_ms: step, unit } = this.#series;
    const top = ceiling(Math.max(0, ...sums(this.#layers)));
    const line = this.#overlay && { from: (this.#overlay.begin_ms - begin) / step, step: this.#overlay.step_ms / step, values: this.#overlay.values };
    const overlay = line ? [overlayLine(line, this.steps, top)] : [];
    this.#plot.replaceChildren(stackedBars(this.#layers, top), ...overlay, ...this.#shades, this.#base, this.#window, ...this.#edges);
    this.#top.textContent = this.#layers.length ? `${value(top, unit || "samples")} in ${span(step)}` : "";
    this.#drawAxis();
    this.#drawBrush();
  }

  #drawAxis() {
    if (!this.#range) return;
    const most = Math.max(2, Math.floor(this.#plot.clientWidth / TICK_PX));
    const found = ticks(this.#range, most);
    const step = found.length > 1 ? found[1].at - found[0].at : this.#range.end - this.#range.begin;
    this.#axis.replaceChildren(...found.map(({ at, day }) => {
      const tick = element("span", { class: day ? "day" : "" }, day ? clock(at, Infinity) : clock(at, step));
      tick.style.left = `${this.#at(at) * 100}%`;
      tick.classList.toggle("late", (1 - this.#at(at)) * this.#plot.clientWidth < LABEL_PX);
      return tick;
    }));
  }

  #drawBrush() {
    const { from, to } = this.#brush ?? { from: 0, to: this.steps };
    const [left, right] = [from / (this.steps || 1), to / (this.steps || 1)];
    this.#place(this.#shades[0], 0, left);
    this.#place(this.#shades[1], right, 1);
    this.#place(this.#window, left, right);
    this.#window.hidden = this.#brush === null;
    this.#edges.forEach((edge, i) => {
      edge.style.left = `${[left, right][i] * 100}%`;
      const at = Math.min(this.#range.end, this.#series.begin_ms + [from, to][i] * this.#series.step_ms);
      edge.setAttribute("aria-valuemax", String(this.steps));
      edge.setAttribute("aria-valuenow", String([from, to][i]));
      edge.setAttribute("aria-valuetext", rangeText({ begin: at, end: at }).split(" – ")[0]);
    });
    this.#tell(-1);
  }

  #place(box, left, right) {
    box.style.left = `${Math.max(0, left) * 100}%`;
    box.style.width = `${(Math.min(1, right) - Math.max(0, left)) * 100}%`;
  }

  #at(ms) {
    return (ms - this.#range.begin) / (this.#range.end - this.#range.begin);
  }

  #tell(step) {
    const { begin_ms: begin, step_ms: length, unit } = this.#series;
    const [from, to] = step >= 0 ? [step, step + 1] : this.#brush ? [this.#brush.from, this.#brush.to] : [0, this.steps];
    const of = (values) => values.slice(from, to).reduce((sum, one) => sum + one, 0);
    const parts = step < 0 ? [] : this.#layers.map((layer) => [layer.name || `${layer.groups} others`, of(layer.values)]).filter(([, sum]) => sum > 0);
    const when = rangeText({ begin: begin + from * length, end: Math.min(this.#range.end, begin + to * length) });
    const total = value(of(sums(this.#layers)), unit || "samples");
    const tail = parts.length > 1 ? ` · ${parts.map(([name, sum]) => `${name} ${amount(sum, unit)}`).join(" · ")}` : "";
    this.#readout.textContent = `${when} · ${span((to - from) * length)} · ${total}${tail}`;
  }

  #edge(edge) {
    const label = edge === "from" ? "Begin of the part" : "End of the part";
    const made = element("div", { class: `edge ${edge}`, role: "slider", "aria-label": label, "aria-valuemin": "0", "aria-orientation": "horizontal", onkeydown: (event) => this.#key(edge, event) });
    made.tabIndex = 0;
    return made;
  }

  #key(edge, event) {
    const far = event.shiftKey ? PAGE : 1;
    const by = { ArrowLeft: -far, ArrowDown: -far, ArrowRight: far, ArrowUp: far, PageDown: -PAGE, PageUp: PAGE, Home: -this.steps, End: this.steps }[event.key];
    if (by === undefined && event.key !== "Escape" && event.key !== "Enter") return;
    event.preventDefault();
    if (event.key === "Enter") this.#emit("zoom", {});
    else if (event.key === "Escape") this.choose(null, "step");
    else this.choose(event.altKey ? shift(this.#brush, by, this.steps) : moveEdge(this.#brush, edge, by, this.steps), "drift");
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("time-line", TimeLine);

