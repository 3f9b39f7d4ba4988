/** A host over time: one state, which is the URL; the lanes show it, and what is chosen in them has its flame graph below. */

import { eventLane } from "../core/event-lane.js";
import { TOP, courseOf, functionLane } from "../core/function-lane.js";
import { HOST_LANES } from "../core/host-lanes.js";
import { format, parse } from "../core/lanes-state.js";
import { question } from "../core/explore-state.js";
import { quote } from "../core/selector.js";
import { span } from "../core/time-range.js";
import { ExploreApi, Refused } from "./explore-api.js";
import { HostCounters } from "./host-counters.js";
import { CounterRow } from "./lane-rows.js";
import { RangeView, fillTable } from "./range-view.js";
import { SampleRow } from "./sample-row.js";
import { WatchedEvents } from "./watched-events.js";
import "./range-picker.js";
import "./time-lanes.js";

/** Live samples are in the store some seconds after they were taken, ten of them at a time. */
const SAMPLES_MS = 15_000;

export class HostTime {
  #find;
  #state = parse(location.search);
  #counters;
  #rows;
  #samples = new SampleRow();
  #part;
  #api = new ExploreApi();
  #selector;
  #course = null;
  #watched = null;
  #host;
  #sampled = { at: 0, begin: 0, end: 0 };

  /** @param {HTMLElement} place the section of the page, `data-host` */
  constructor(place) {
    this.#find = (selector) => place.querySelector(selector);
    const { host } = place.dataset;
    this.#host = host;
    this.#selector = `host=${quote(host)}`;
    this.#counters = new HostCounters(host, (error) => this.#came(error));
    this.#rows = [eventLane(() => this.#watched), functionLane(() => this.#course), ...HOST_LANES].map((lane) => new CounterRow(lane, () => this.#counters.data));
    this.#part = new RangeView(this.#find("#part"), host, this.#selector, (frame) => this.#follow(frame));
    this.#lanes.rows = [this.#samples, ...this.#rows];
    this.#seen = this.#find(".lanes-place").classList.contains("full");
    this.#nothing = this.#find("#lanes-message").textContent;
    this.#listen();
    this.#show();
  }

  /** The place of the lanes stays when a range has none. */
  #seen;
  /** In the page's own words. */
  #nothing;

  get #lanes() {
    return this.#find("time-lanes");
  }

  #listen() {
    const on = (target, name, act) => target.addEventListener(name, (event) => act(event.detail));
    on(this.#lanes, "part", ({ part }) => this.#go({ part }));
    on(this.#lanes, "zoom", () => this.#zoom());
    on(this.#lanes, "hold", () => this.#hold());
    on(this.#find("range-picker"), "choose", ({ range }) => this.#go({ range, part: null }));
    on(this.#find("#live"), "click", () => (this.#live ? this.#hold() : this.#go({ range: { last: this.#last }, part: null })));
    on(this.#find("#events"), "change", () => this.#go({ events: this.#find("#events").value }));
    on(this.#find("#part-zoom"), "click", () => this.#zoom());
    on(this.#find("#part-clear"), "click", () => this.#go({ part: null }));
    on(this.#find("#numbers"), "toggle", () => this.#tellNumbers());
    addEventListener("popstate", () => {
      this.#state = parse(location.search);
      this.#show();
    });
  }

  #last = this.#state.range.last ?? "15m";

  get #live() {
    return this.#state.range.last !== undefined;
  }

  #go(change, how = "pushState") {
    this.#state = { ...this.#state, ...change };
    history[how](how === "pushState" ? { viewSteps: 0 } : history.state, "", location.pathname + format(this.#state, location.search) + location.hash);
    this.#show();
  }

  /** What moves stands from now on, so that one can point at it, and the address says which time it was. */
  #hold() {
    if (this.#live && this.#counters.data) this.#go({ range: this.#counters.hold() }, "replaceState");
  }

  #zoom() {
    if (this.#state.part) this.#go({ range: this.#state.part, part: null });
  }

  #show() {
    const { range, part } = this.#state;
    this.#last = range.last ?? this.#last;
    this.#find("range-picker").range = range;
    this.#find("#live").textContent = this.#live ? "Pause" : "Go live";
    this.#find("#live-state").textContent = this.#live ? "live" : "stands still";
    this.#find("#live-state").className = `state ${this.#live ? "good" : ""}`;
    this.#watch(this.#state.events);
    this.#counters.show(range);
    this.#part.show(part);
    this.#draw();
  }

  #came(error) {
    const { data } = this.#counters;
    const message = this.#find("#lanes-message");
    message.hidden = error === null && data?.empty !== true;
    message.textContent = error?.message ?? this.#nothing;
    message.className = `message ${error ? "error" : ""}`;
    this.#lanes.hidden = data === null || data.empty;
    this.#find(".lanes-place").classList.toggle("full", this.#seen ||= !this.#lanes.hidden);
    this.#tellFacts("");
    this.#draw();
  }

  #draw() {
    const { data } = this.#counters;
    if (data === null || data.empty) return;
    this.#lanes.show({ begin: data.begin, step: data.step, steps: data.steps }, this.#state.part);
    this.#tellNumbers();
    this.#askSamples(data.range);
  }

  async #askSamples({ begin, end }) {
    const same = begin === this.#sampled.begin && end === this.#sampled.end;
    const recent = this.#live && end - begin === this.#sampled.end - this.#sampled.begin && Date.now() - this.#sampled.at < SAMPLES_MS;
    if (same || recent) return;
    this.#sampled = { at: Date.now(), begin, end };
    try {
      await this.#samples.load((query) => this.#api.ask("heatmap", query), this.#selector, { begin, end });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#samples.fail(error.message);
    }
  }

  /** A feed is drawn with the counters, which come as often. */
  #watch(probe) {
    const select = this.#find("#events");
    select.value = probe;
    const chosen = select.selectedOptions[0];
    if ((this.#watched?.probe ?? "") === (chosen?.value ?? "")) return;
    this.#watched?.close();
    this.#watched = chosen?.value ? new WatchedEvents(this.#host, { probe, title: chosen.textContent, at: chosen.dataset.at }, (trouble) => trouble && this.#tellFacts(`${chosen.textContent}: ${trouble}`)) : null;
    this.#draw();
  }

  /** When did it run: a lane of the function that is selected in the graph. */
  async #follow(frame) {
    this.#course = null;
    this.#tellFacts("");
    this.#draw();
    if (frame === null || this.#counters.data === null) return;
    try {
      const answer = await this.#api.ask("functions", `${question(this.#selector, this.#counters.data.range)}&top=${TOP}`);
      if (answer === null) return;
      this.#course = courseOf(answer, frame);
      if (this.#course === null) this.#tellFacts(`${frame.name} is none of the ${TOP} largest functions of this range`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#tellFacts(error.message);
    }
    this.#draw();
  }

  #tellFacts(more) {
    const { data } = this.#counters;
    const lost = data?.lost ? `${span(data.lost * 1000)} lost by the agent while Redis was away` : "";
    this.#find("#lanes-facts").textContent = [data && `A step is ${span(data.step)}`, lost, more].filter(Boolean).join(" · ");
  }

  #tellNumbers() {
    const { data } = this.#counters;
    if (!this.#find("#numbers").open || data === null || data.empty) return;
    const { from, to } = this.#lanes.brush ?? { from: 0, to: data.steps };
    fillTable(this.#find("#numbers tbody"), this.#rows, from, to);
  }
}
