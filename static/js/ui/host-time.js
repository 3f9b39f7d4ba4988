/** A host over time: one state, which is the URL; the lanes show it, and what is chosen in them has its flame graph below. */

import { TOP, courseOf, functionLane } from "../core/function-lane.js";
import { HOST_LANES } from "../core/host-lanes.js";
import { format, parse } from "../core/lanes-state.js";
import { question } from "../core/explore-state.js";
import { quote } from "../core/selector.js";
import { span } from "../core/time-range.js";
import { ExploreApi, Refused } from "./explore-api.js";
import { ChosenLanes } from "./chosen-lanes.js";
import { element } from "./element.js";
import { HostCounters } from "./host-counters.js";
import { LaneMenu } from "./lane-menu.js";
import { CounterRow } from "./lane-rows.js";
import { RangeView, fillTable } from "./range-view.js";
import { SampleRow } from "./sample-row.js";
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
  #chosen;
  #menu;
  #sampled = { at: 0, begin: 0, end: 0 };

  /** @param {HTMLElement} place the section of the page  @param {{host: string, record: string|null, probes: object}} now */
  constructor(place, now) {
    this.#find = (selector) => place.querySelector(selector);
    this.#selector = `host=${quote(now.host)}`;
    this.#counters = new HostCounters(now.host, (error) => this.#came(error));
    const forget = element("button", { type: "button", class: "quiet", title: "Remove this lane", "aria-label": "Remove the lane of the function", onclick: () => this.#go({ frame: null }) }, "×");
    this.#function = new CounterRow(functionLane(() => this.#course), () => this.#counters.data, { verbs: element("span", { class: "lane-verbs" }, forget), note: null });
    this.#rows = HOST_LANES.map((lane) => new CounterRow(lane, () => this.#counters.data));
    const removed = (kind, probe) => this.#go({ [kind]: this.#state[kind].filter((one) => one !== probe) });
    this.#chosen = new ChosenLanes(now, { data: () => this.#counters.data, changed: () => this.#draw(), removed });
    this.#menu = new LaneMenu(this.#find("#lane-menu"), (chosen) => this.#go(chosen));
    const selected = { frame: (frame) => this.#go({ frame }, "replaceState"), feed: (feed) => this.#go({ feed }) };
    this.#part = new RangeView(this.#find("#part"), now, this.#selector, this.#chosen, selected);
    this.#seen = this.#find(".lanes-place").classList.contains("full");
    this.#nothing = this.#find("#lanes-message").textContent;
    this.#listen();
    this.#show();
  }

  #function;
  /** The function whose course is drawn, or being fetched, and of which range. */
  #followed = "";
  /** A moment of the part whose event was pressed. */
  #pressed = null;
  /** The place of the lanes stays when a range has none. */
  #seen;
  /** In the page's own words. */
  #nothing;

  get #lanes() {
    return this.#find("time-lanes");
  }

  #listen() {
    const on = (target, name, act) => target.addEventListener(name, (event) => act(event.detail));
    on(this.#lanes, "part", ({ part, lane, at }) => this.#choosePart(part, lane, at));
    on(this.#lanes, "zoom", () => this.#zoom());
    on(this.#lanes, "hold", () => this.#hold());
    on(this.#find("range-picker"), "choose", ({ range }) => this.#go({ range, part: null }));
    on(this.#find("#live"), "click", () => (this.#live ? this.#hold() : this.#go({ range: { last: this.#last }, part: null })));
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

  /** A press on a lane of events is about the one that is nearest. */
  #choosePart(part, lane, at) {
    const pressed = part && lane ? this.#chosen.eventNear(lane, at) : null;
    this.#pressed = pressed?.at ?? null;
    if (pressed === null) return this.#go({ part });
    const { begin, step } = this.#counters.data;
    const from = begin + Math.floor((pressed.at - begin) / step) * step;
    return this.#go({ part: { begin: from, end: from + step }, feed: pressed.probe });
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
    this.#menu.show(this.#state);
    if (this.#chosen.choose(this.#state) || this.#lanes.rows.length === 0) this.#lanes.rows = [this.#samples, this.#function, ...this.#chosen.rows, ...this.#rows];
    this.#counters.show(range);
    void this.#part.show(part);
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
    this.#tellFacts();
    this.#draw();
  }

  #draw() {
    const { data } = this.#counters;
    if (data === null || data.empty) return;
    const axis = { begin: data.begin, step: data.step, steps: data.steps };
    this.#chosen.show(axis, this.#live);
    this.#lanes.show(axis, this.#state.part);
    this.#tellNumbers();
    if (this.#state.part) {
      void this.#part.showLanes(this.#state.part, this.#state.feed, this.#pressed);
      this.#pressed = null;
    }
    void this.#follow(this.#state.frame);
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

  /** When did it run: a lane of the function that is selected in the graph. */
  async #follow(frame) {
    const { range } = this.#counters.data;
    const asked = frame === null ? "" : `${frame.name} ${frame.module} ${this.#live ? Math.floor(range.begin / SAMPLES_MS) : range.begin} ${range.end - range.begin}`;
    if (asked === this.#followed) return;
    this.#followed = asked;
    const before = this.#course;
    if (frame === null || before?.name !== frame.name) this.#course = null;
    this.#trouble = frame === null ? "" : await this.#askCourse(frame, range);
    if (asked !== this.#followed) return;
    this.#tellFacts();
    this.#draw();
  }

  /** @returns {Promise<string>} what is in the way */
  async #askCourse(frame, range) {
    try {
      const answer = await this.#api.ask("functions", `${question(this.#selector, range)}&top=${TOP}`);
      if (answer === null) return "";
      this.#course = courseOf(answer, frame);
      return this.#course === null ? `${frame.name} is none of the ${TOP} largest functions of this range` : "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return error.message;
    }
  }

  #trouble = "";

  #tellFacts() {
    const { data } = this.#counters;
    const lost = data?.lost ? `${span(data.lost * 1000)} lost by the agent while Redis was away` : "";
    this.#find("#lanes-facts").textContent = [data && `A step is ${span(data.step)}`, lost, this.#trouble, ...this.#chosen.troubles].filter(Boolean).join(" · ");
  }

  #tellNumbers() {
    const { data } = this.#counters;
    if (!this.#find("#numbers").open || data === null || data.empty) return;
    const { from, to } = this.#lanes.brush ?? { from: 0, to: data.steps };
    fillTable(this.#find("#numbers tbody"), [...this.#chosen.rows, ...this.#rows].filter(({ parts }) => parts), from, to);
  }
}
