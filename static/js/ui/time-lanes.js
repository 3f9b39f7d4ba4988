/**
 * `<time-lanes>`: what a host did, as lanes over one axis of time. One cursor goes through all of them, and one part of the
 * time can be chosen in any: by dragging, or with the keyboard (arrows move, N and P go to the next and the previous event,
 * Space begins and ends a part, Escape clears, Enter zooms).
 * Events: `part` {part: {begin, end}|null, lane, at} (`lane` and `at` in ms: where a press chose it), `zoom`, `hold` (somebody
 * begins to choose: what moves should stand).
 *
 * A lane is a row with a picture of its own (ui/lane-rows.js): `show(axis)` draws it, `point(step, ms)` puts the cursor there,
 * `words(step)` tells its numbers; `next(step, by)`, where there is one, finds events.
 */

import { between, brushOf, partOf } from "../core/timeline.js";
import { clock, rangeText, span, ticks } from "../core/time-range.js";
import { element } from "./element.js";
import { listenToLanes } from "./lane-pointer.js";

const PAGE = 10;
const TICK_PX = 110;
const LABEL_PX = 80;
const EVENTS = { n: 1, p: -1 };
const MOVES = { ArrowLeft: -1, ArrowRight: 1, PageUp: -PAGE, PageDown: PAGE, Home: -Infinity, End: Infinity };

export class TimeLanes extends HTMLElement {
  #rows = [];
  #axis = null;
  #part = null;
  #cursor = -1;
  #anchor = -1;
  #marks = element("div", { class: "axis", "aria-hidden": "true" });
  #line = element("div", { class: "lane-cursor", hidden: true });
  #window = element("div", { class: "lane-window", hidden: true });
  #shades = [element("div", { class: "lane-shade" }), element("div", { class: "lane-shade" })];
  #over = element("div", { class: "lanes-over", "aria-hidden": "true" }, ...this.#shades, this.#window, this.#line);
  #body = element("div", { class: "lanes-body", tabIndex: 0, role: "application", "aria-roledescription": "lanes over time", "aria-label": "Counters over time. Arrow keys move the cursor, N and P go to the next and the previous event, Space begins and ends a part, Enter zooms into it, Escape clears" });
  #told = element("p", { class: "lanes-told dim" });
  #spoken = element("p", { class: "visually-hidden", role: "status" });
  #resized = new ResizeObserver(() => this.#drawAxis());

  connectedCallback() {
    if (this.#body.isConnected) return;
    this.append(this.#marks, this.#body, this.#told, this.#spoken);
    listenToLanes(this.#body, this.#over, this);
    this.#body.addEventListener("keydown", (event) => this.#key(event));
    this.#resized.observe(this.#over);
  }

  disconnectedCallback() {
    this.#resized.disconnect();
  }

  get steps() {
    return this.#axis?.steps ?? 0;
  }
  /** @returns {import("../core/timeline.js").Brush} */
  get brush() {
    return this.#axis && this.#brushOf(this.#part);
  }
  get cursor() {
    return this.#cursor;
  }

  get rows() {
    return this.#rows;
  }

  /** Which lanes there are, from top to bottom. @param {object[]} rows each with `element`, `show`, `point` and `words` */
  set rows(rows) {
    this.#rows = rows;
    this.#body.replaceChildren(...rows.map((row) => row.element), this.#over);
  }

  /** @param {{begin: number, step: number, steps: number}} axis ms  @param {{begin: number, end: number}|null} part */
  show(axis, part) {
    const moved = this.#axis && this.#axis.step === axis.step ? Math.round((axis.begin - this.#axis.begin) / axis.step) : 0;
    this.#axis = axis;
    // Under a pointer that rests, the moment changes; one that was set by keys goes with the picture.
    if (this.#cursor >= 0 && this.#body.matches(":focus-visible")) this.#cursor = Math.max(0, this.#cursor - moved);
    if (this.#anchor >= 0) this.#anchor = Math.max(0, this.#anchor - moved);
    this.#part = part;
    for (const row of this.#rows) row.show(axis);
    this.#drawAxis();
    this.#drawPart();
  }

  /** The moment under the pointer, or −1. @param {number} step  @param {number|null} ms exactly, under a pointer */
  point(step, ms = null) {
    this.#cursor = step;
    this.#line.hidden = step < 0;
    if (step >= 0) this.#line.style.left = `${((step + 0.5) / this.steps) * 100}%`;
    for (const row of this.#rows) row.point(step, ms);
    this.#tell();
  }

  /** Unix ms. @param {number} share of the axis */
  momentAt(share) {
    return this.#axis ? this.#axis.begin + share * this.#axis.step * this.steps : 0;
  }

  /** Steps that are being chosen, or are. @param {import("../core/timeline.js").Brush} brush  @param {boolean} done  @param {{lane?: string, at?: number}} where it was pressed */
  choose(brush, done, where = {}) {
    this.#part = partOf(brush, this.#series, { end: Infinity });
    this.#drawPart();
    if (done) this.#emit("part", { part: this.#part, ...where });
  }

  hold() {
    this.#emit("hold", {});
  }

  get #series() {
    return { begin_ms: this.#axis.begin, step_ms: this.#axis.step };
  }

  #brushOf(part) {
    return brushOf(part, this.#series, this.steps);
  }

  #drawAxis() {
    if (!this.#axis) return;
    const { begin, step, steps } = this.#axis;
    const end = begin + step * steps;
    const width = this.#over.clientWidth;
    const found = ticks({ begin, end }, Math.max(2, Math.floor(width / TICK_PX)));
    const apart = found.length > 1 ? found[1].at - found[0].at : end - begin;
    this.#marks.replaceChildren(...found.map(({ at, day }) => {
      const share = (at - begin) / (end - begin);
      const mark = element("span", { class: day ? "day" : "" }, day ? clock(at, Infinity) : clock(at, apart));
      mark.style.left = `${share * 100}%`;
      mark.classList.toggle("late", (1 - share) * width < LABEL_PX);
      return mark;
    }));
  }

  #drawPart() {
    const brush = this.brush;
    this.#window.hidden = brush === null;
    const [left, right] = brush ? [brush.from / this.steps, brush.to / this.steps] : [0, 1];
    for (const [box, from, to] of [[this.#shades[0], 0, left], [this.#shades[1], right, 1], [this.#window, left, right]]) {
      box.style.left = `${from * 100}%`;
      box.style.width = `${(to - from) * 100}%`;
    }
    this.point(this.#cursor < this.steps ? this.#cursor : -1);
  }

  #tell() {
    const { begin, step, steps } = this.#axis;
    const brush = this.brush;
    const [from, to] = this.#cursor >= 0 ? [this.#cursor, this.#cursor + 1] : brush ? [brush.from, brush.to] : [0, steps];
    const range = { begin: begin + from * step, end: begin + to * step };
    this.#told.textContent = `${rangeText(range)} · ${span(range.end - range.begin)}`;
  }

  #key(event) {
    if (!this.#axis || event.ctrlKey || event.metaKey) return;
    if (event.key in EVENTS) this.#toEvent(EVENTS[event.key]);
    else if (event.key in MOVES) this.#move(MOVES[event.key] * (event.shiftKey ? PAGE : 1));
    else if (event.key === " ") this.#mark();
    else if (event.key === "Enter" && this.brush) this.#emit("zoom", {});
    else if (event.key === "Escape") this.#clear();
    else return;
    event.preventDefault();
  }

  /** The nearest of all lanes in a direction. */
  #toEvent(by) {
    const from = this.#cursor < 0 ? (by > 0 ? -1 : this.steps) : this.#cursor;
    const found = this.#rows.map((row) => row.next?.(from, by) ?? -1).filter((step) => step >= 0);
    if (found.length > 0) this.#goTo(by > 0 ? Math.min(...found) : Math.max(...found));
    else this.#spoken.textContent = by > 0 ? "No later event" : "No earlier event";
  }

  #move(by) {
    const from = this.#cursor < 0 ? this.steps - 1 : this.#cursor;
    this.#goTo(Math.max(0, Math.min(this.steps - 1, this.#cursor < 0 && Number.isFinite(by) ? from : from + by)));
  }

  #goTo(step) {
    this.point(step);
    if (this.#anchor >= 0) this.choose(between(this.#anchor, this.#cursor, this.steps), false);
    const at = this.#axis.begin + this.#cursor * this.#axis.step;
    this.#spoken.textContent = `${clock(at, 0)}. ${this.#rows.map((row) => row.words(this.#cursor)).filter(Boolean).join("; ")}`;
  }

  #mark() {
    if (this.#cursor < 0) this.#move(0);
    if (this.#anchor < 0) {
      this.hold();
      this.#anchor = this.#cursor;
      this.choose(between(this.#anchor, this.#anchor, this.steps), false);
      this.#spoken.textContent = "A part begins here. Move, and press Space at its end.";
      return;
    }
    const brush = between(this.#anchor, this.#cursor, this.steps);
    this.#anchor = -1;
    this.choose(brush, true);
    this.#spoken.textContent = brush ? `Chosen: ${this.#told.textContent}` : "The whole range is chosen";
  }

  #clear() {
    this.#anchor = -1;
    this.choose(null, true);
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("time-lanes", TimeLanes);
