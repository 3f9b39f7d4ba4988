/** Lanes that somebody chose: feeds, histograms and counters by process, each watched for its lane. */

import { KINDS } from "../core/lanes-state.js";
import { processLane } from "../core/process-lane.js";
import { element } from "./element.js";
import { EventRow } from "./event-row.js";
import { HistogramRow } from "./histogram-row.js";
import { CounterRow } from "./lane-rows.js";
import { WatchedFeed, noteOf } from "./watched-feed.js";
import { WatchedHistogram } from "./watched-histogram.js";

/** Many batches come at once; a screen is drawn for all of them. */
const DRAW_MS = 1000;
const WATCHED = { events: WatchedFeed, processes: WatchedFeed, histograms: WatchedHistogram };
const PAGES = { events: "feeds", processes: "feeds", histograms: "histograms" };

export class ChosenLanes {
  #now;
  #lanes = new Map();
  #changed;
  #removed;
  #timer = 0;
  #data = () => null;

  /**
   * @param {{host: string, probes: Object<string, {kind: string, title: string, fields: object[]}>}} now of the page
   * @param {{data: () => object, changed: () => void, removed: (kind: string, probe: string) => void}} on `data`: the axis
   */
  constructor(now, { data, changed, removed }) {
    this.#now = now;
    this.#data = data;
    this.#changed = changed;
    this.#removed = removed;
  }

  /** @param {import("../core/lanes-state.js").LanesState} state  @returns {boolean} whether other lanes are there now */
  choose(state) {
    const wanted = KINDS.flatMap((kind) => state[kind].filter((probe) => this.#now.probes[probe]?.kind === kind));
    const gone = [...this.#lanes.keys()].filter((probe) => !wanted.includes(probe));
    const came = wanted.filter((probe) => !this.#lanes.has(probe));
    for (const probe of gone) {
      this.#lanes.get(probe).watched.close();
      this.#lanes.delete(probe);
    }
    for (const probe of came) this.#lanes.set(probe, this.#made(probe));
    return gone.length + came.length > 0;
  }

  get rows() {
    return this.#of(...KINDS).map(({ row }) => row);
  }

  /** What is watched. @param {"events"|"histograms"|"processes"} kind  @returns {object[]} */
  watched(kind) {
    return this.#of(kind).map(({ watched }) => watched);
  }

  /** What was pressed. @param {string} lane of a row  @param {number} ms  @returns {{probe: string, at: number}|null} null: no event is near, or that is no lane of events */
  eventNear(lane, ms) {
    const found = this.#of("events").find(({ row }) => row.lane.id === lane);
    const at = found?.row.timeNear(ms) ?? null;
    return at === null ? null : { probe: found.watched.probe, at };
  }

  /** What is in the way of lanes, in words. @returns {string[]} */
  get troubles() {
    return this.#of(...KINDS).filter(({ watched }) => watched.trouble !== "").map(({ watched }) => `${watched.title}: ${watched.trouble}`);
  }

  /** @param {{begin: number, step: number, steps: number}} axis  @param {boolean} live */
  show(axis, live) {
    for (const { kind, watched } of this.#lanes.values()) {
      void watched.show(kind === "histograms" ? axis : { begin: axis.begin, end: axis.begin + axis.step * axis.steps }, live);
    }
  }

  #of(...kinds) {
    return kinds.flatMap((kind) => [...this.#lanes.values()].filter((lane) => lane.kind === kind));
  }

  #made(probe) {
    const { kind, title, fields } = this.#now.probes[probe];
    const watched = new WATCHED[kind](this.#now.host, { probe, title, fields }, () => this.#schedule());
    return { kind, watched, row: this.#row(kind, watched) };
  }

  #row(kind, watched) {
    const verbs = this.#verbs(kind, watched);
    if (kind === "events") return new EventRow(watched, verbs);
    if (kind === "histograms") return new HistogramRow(watched, verbs);
    return new CounterRow(processLane(watched), this.#data, { verbs, note: () => noteOf(watched) });
  }

  #verbs(kind, { probe, title }) {
    const page = `/hosts/${encodeURIComponent(this.#now.host)}/${PAGES[kind]}/${probe}/`;
    const remove = element("button", { type: "button", class: "quiet", title: "Remove this lane", "aria-label": `Remove the lane ${title}`, onclick: () => this.#removed(kind, probe) }, "×");
    return element("span", { class: "lane-verbs" }, element("a", { href: page, title: `${title}: all of it`, "aria-label": `Open ${title}` }, "↗"), remove);
  }

  #schedule() {
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.#changed();
    }, DRAW_MS);
  }
}
