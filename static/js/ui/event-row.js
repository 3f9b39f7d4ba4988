/** The lane of a feed: a tick for each event at its time, more or less where they stand too close, and a line of how many a second there are. */

import { countsOver, nearest, ratesOver } from "../core/event-ticks.js";
import { eventWords } from "../core/event-words.js";
import { count, many } from "../core/format.js";
import { LEVELS } from "../core/heat-cells.js";
import { heatFills } from "../core/heat-colors.js";
import { laneText } from "../core/lane-numbers.js";
import { HEIGHT, linePath, topOf } from "../core/lane-paths.js";
import { svg } from "../render/svg.js";
import { element } from "./element.js";
import { laneElement } from "./lane-rows.js";
import { noteOf } from "./watched-feed.js";
import { currentTheme, watchTheme } from "./theme.js";

/** A pointer is about the event that is nearest to it, as near as this. */
const NEAR_PX = 5;
/** Of the lane, at its bottom: the line has the rest. */
const BAND_PX = 15;
const LANE = { unit: "/s", shape: "lines", least: 1 };

export class EventRow {
  #watched;
  #axis = null;
  #counts = new Uint32Array(0);
  #rates = [];
  #line = element("div", { class: "lane-upper" });
  #ticks = element("canvas", { class: "lane-ticks", "aria-hidden": "true" });
  #ceiling = element("span", { class: "lane-top dim" });
  #note = element("p", { class: "lane-note dim" });
  #tip = element("span", { class: "lane-tip", hidden: true });
  #numbers = element("p", { class: "lane-numbers" });

  /** @param {import("./watched-feed.js").WatchedFeed} watched  @param {HTMLElement} verbs of the lane's head */
  constructor(watched, verbs) {
    this.#watched = watched;
    const lane = { id: `events-${watched.probe}`, title: watched.title, about: "Each event at its time, and events per second. N and P move from one to the next" };
    this.element = laneElement(lane, this.#numbers, element("div", { class: "lane-plot" }, this.#line, this.#ticks, this.#ceiling, this.#note, this.#tip), verbs);
    this.lane = { ...LANE, ...lane };
    new ResizeObserver(() => this.#paint()).observe(this.#ticks);
    watchTheme(() => this.#paint());
  }

  /** For the table of numbers. */
  get parts() {
    return this.#rates.some((rate) => rate !== null) ? [{ name: "events", tone: 0, values: this.#rates }] : [];
  }

  show(axis) {
    const { record, time, tail } = this.#watched;
    this.#axis = axis;
    this.#rates = ratesOver(record, time.name, axis, tail);
    const parts = this.parts;
    const top = topOf(LANE, parts, null);
    this.#ceiling.textContent = parts.length ? laneText(top, "/s") : "";
    const path = svg("path", { class: "lane-line line-0", d: linePath(this.#rates, top) });
    this.#line.replaceChildren(svg("svg", { viewBox: `0 0 ${axis.steps} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, path));
    this.#note.textContent = parts.length ? "" : noteOf(this.#watched);
    this.#paint();
  }

  /** @param {number} step under the cursor, or −1  @param {number|null} ms under a pointer */
  point(step, ms) {
    const found = step >= 0 ? this.#found(step, ms) : null;
    this.#tip.hidden = found === null;
    this.#numbers.textContent = step < 0 ? `${count(this.#counts.reduce((sum, n) => sum + n, 0))} in sight` : this.#stepText(step, found);
    if (found === null) return;
    this.#tip.textContent = eventWords(found, this.#watched.fields);
    const share = (step + 0.5) / this.#axis.steps;
    this.#tip.classList.toggle("before", share > 0.5);
    this.#tip.style.insetInlineStart = share > 0.5 ? "auto" : `${share * 100}%`;
    this.#tip.style.insetInlineEnd = share > 0.5 ? `${(1 - share) * 100}%` : "auto";
  }

  /** @param {number} step  @returns {string} for who hears it */
  words(step) {
    const found = this.#found(step);
    if (found === null) return this.#rates[step] === 0 ? `${this.#watched.title}: no event` : "";
    return `${this.#watched.title}: ${many(found.events, "event")}, ${eventWords(found, this.#watched.fields)}`;
  }

  /** The next step that has an event, in a direction. @param {number} step  @param {1|-1} by  @returns {number} −1 without any */
  next(step, by) {
    const counts = countsOver(this.#watched.record, this.#watched.time.name, this.#range, this.#axis.steps);
    for (let i = step + by; i >= 0 && i < counts.length; i += by) if (counts[i] > 0) return i;
    return -1;
  }

  get #range() {
    const { begin, step, steps } = this.#axis;
    return { begin, end: begin + step * steps };
  }

  /** The time of the event that a pointer is about. @param {number} ms  @returns {number|null} null: none is near */
  timeNear(ms) {
    const found = this.#near(ms, ms, ms);
    return found && found.batch.value(this.#watched.time, found.row);
  }

  #found(step, ms = null) {
    const { begin, step: length } = this.#axis;
    const [from, to] = [begin + step * length, begin + (step + 1) * length];
    return ms === null ? nearest(this.#watched.record, this.#watched.time, { begin: from, end: to }, (from + to) / 2) : this.#near(from, to, ms);
  }

  /** Of a part that goes to both sides of the pointer, at the least. */
  #near(from, to, ms) {
    const { begin, end } = this.#range;
    const around = (NEAR_PX * (end - begin)) / Math.max(1, this.#ticks.clientWidth);
    return nearest(this.#watched.record, this.#watched.time, { begin: Math.min(from, ms - around), end: Math.max(to, ms + around) }, ms);
  }

  #stepText(step, found) {
    if (found) return many(found.events, "event");
    return this.#rates[step] === null || this.#rates[step] === undefined ? "–" : "no event";
  }

  #paint() {
    const { clientWidth, clientHeight } = this.#ticks;
    if (this.#axis === null || clientWidth === 0) return;
    const { record, time, tail } = this.#watched;
    const ratio = devicePixelRatio;
    Object.assign(this.#ticks, { width: Math.round(clientWidth * ratio), height: Math.round(clientHeight * ratio) });
    const context = this.#ticks.getContext("2d");
    context.scale(ratio, ratio);
    this.#counts = countsOver(record, time.name, this.#range, clientWidth);
    const fills = heatFills(currentTheme());
    this.#paintKnown(context, fills[0], record.known(this.#range, tail).spans, clientWidth);
    const largest = this.#counts.reduce((most, n) => Math.max(most, n), 0);
    this.#counts.forEach((n, x) => {
      if (n === 0) return;
      // One event has its whole tick; more of them in a pixel are darker.
      context.fillStyle = fills[largest === 1 ? LEVELS : Math.max(Math.ceil(LEVELS / 3), Math.ceil(LEVELS * Math.sqrt(n / largest)))];
      context.fillRect(x, 1, 1.5, clientHeight - 1);
    });
  }

  /** Where something is known stands on a ground. */
  #paintKnown(context, fill, spans, width) {
    const { begin, end } = this.#range;
    context.fillStyle = fill;
    for (const span of spans) context.fillRect(((span.begin - begin) / (end - begin)) * width, 0, ((span.end - span.begin) / (end - begin)) * width, BAND_PX);
  }
}
