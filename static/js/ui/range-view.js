/** What a chosen part of a host's time was: its flame graph, events, histograms and processes, its recordings, and the numbers of the lanes. */

import { iso } from "../core/explore-state.js";
import { many } from "../core/format.js";
import { tableRows } from "../core/lane-numbers.js";
import { treeQuery } from "../core/lanes-state.js";
import { rangeText, span, zoneText } from "../core/time-range.js";
import { callApi } from "./api.js";
import { element } from "./element.js";
import "./profile-view.js";

const RUNS = 100;

export class RangeView {
  #place;
  #host;
  #selector;
  #shown = "";
  #graph = null;
  #lanes;
  #now;
  #on;
  #events = null;
  #histograms = null;

  /**
   * @param {HTMLElement} place with `[data-part]`s of the page  @param {{host: string, record: string|null}} now  @param {string} selector of its profiles
   * @param {import("./chosen-lanes.js").ChosenLanes} lanes
   * @param {{frame: (frame: import("../core/function-lane.js").Frame|null) => void, feed: (probe: string) => void}} on `frame`: one of the graph
   *   is selected, or none; `feed`: another's events are wanted
   */
  constructor(place, now, selector, lanes, on) {
    this.#place = place;
    this.#now = now;
    this.#host = now.host;
    this.#selector = selector;
    this.#lanes = lanes;
    this.#on = on;
  }

  #find(part) {
    return this.#place.querySelector(`[data-part="${part}"]`);
  }

  /** @param {{begin: number, end: number}|null} part null: nothing is chosen */
  async show(part) {
    this.#place.hidden = part === null;
    if (part === null) return undefined;
    this.#find("title").textContent = `${rangeText(part)} ${zoneText(part.begin)}`;
    this.#find("length").textContent = span(part.end - part.begin);
    const query = new URLSearchParams({ selector: this.#selector, since: iso(part.begin), until: iso(part.end) });
    this.#find("explore").href = `/explore/?${query}`;
    const tree = `/api/v1/explore/${treeQuery(this.#selector, part, Date.now())}`;
    if (tree === this.#shown) return undefined;
    this.#shown = tree;
    this.#showGraph(tree);
    return this.#showRuns(part);
  }

  /**
   * What probes saw of it, as far as it is known now. @param {{begin: number, end: number}} part  @param {string} feed  @param {number|null} at a moment
   *   whose event was pressed
   */
  async showLanes(part, feed, at = null) {
    const [feeds, histograms, processes] = ["events", "histograms", "processes"].map((kind) => this.#lanes.watched(kind));
    for (const [name, some] of [["events", feeds], ["histograms", histograms], ["processes", processes]]) this.#find(name).hidden = some.length === 0;
    this.#find("no-lanes").hidden = feeds.length + histograms.length + processes.length > 0;
    if (feeds.length > 0) (await this.#eventsView()).show(part, feeds, feed, at);
    if (histograms.length > 0) (await this.#histogramsView()).show(part, histograms);
    if (processes.length > 0) (await import("./part-processes.js")).showProcesses(this.#find("processes"), part, processes, this.#now);
  }

  async #eventsView() {
    const { PartEvents } = await import("./part-events.js");
    return (this.#events ??= new PartEvents(this.#find("events"), this.#now, this.#on.feed));
  }

  async #histogramsView() {
    const { PartHistograms } = await import("./part-histograms.js");
    return (this.#histograms ??= new PartHistograms(this.#find("histograms"), this.#host));
  }

  #showGraph(tree) {
    if (this.#graph === null) {
      this.#graph = element("profile-view", { "awaits-src": "" });
      for (const [name, value] of [["grouping", "none"], ["deepens", ""]]) this.#graph.setAttribute(name, value);
      this.#graph.emptyMessage = () => this.#nothing();
      this.#find("graph").replaceChildren(this.#graph);
      this.#graph.addEventListener("treechange", ({ detail: { tree } }) => this.#find("graph").classList.toggle("empty", !(tree?.total[0] > 0)));
      this.#graph.graph.addEventListener("select", ({ detail: { node } }) => this.#selected(node));
    }
    this.#graph.setAttribute("src", tree);
  }

  #selected(node) {
    const { tree } = this.#graph.graph;
    this.#on.frame(node > 0 && tree ? { name: tree.name(node), module: tree.frameOf(node).module } : null);
  }

  #nothing() {
    return element("div", { class: "profile-message", role: "status" },
      element("h2", {}, "Nothing was sampled in this part"),
      element("p", {}, "Counters are always there; stacks only while somebody records, or with continuous profiling."),
      element("a", { class: "button", href: `/record/?${new URLSearchParams({ host: this.#host })}` }, "Record"));
  }

  async #showRuns(part) {
    const list = this.#find("runs");
    try {
      const { items } = await callApi("GET", `runs?${new URLSearchParams({ host: this.#host, page_size: String(RUNS) })}`);
      const inside = items.filter((run) => Date.parse(run.created_at) < part.end && (run.finished_at === null || Date.parse(run.finished_at) > part.begin));
      list.replaceChildren(...inside.map((run) => runItem(run)));
      this.#find("runs-count").textContent = inside.length === 0 ? "No recording by hand went on then" : many(inside.length, "recording");
    } catch (error) {
      list.replaceChildren();
      this.#find("runs-count").textContent = error.message;
    }
  }
}

function runItem(run) {
  const range = { begin: Date.parse(run.created_at), end: Date.parse(run.finished_at ?? run.created_at) };
  return element("li", {}, element("a", { href: `/runs/${run.id}/` }, rangeText(range)), ` ${run.state}, ${many(run.samples, "sample")}, by ${run.owner}`);
}

/** The table that says what the pictures show. @param {HTMLTableSectionElement} body  @param {object[]} shown lanes with parts  @param {number} from  @param {number} to steps */
export function fillTable(body, shown, from, to) {
  const rows = tableRows(shown, from, to).map(({ lane, part, known, last, mean, least, most }) =>
    element("tr", {}, element("th", { scope: "row" }, `${lane}: ${part}`), ...[last, mean, least, most, `${known} of ${to - from}`].map((text) => element("td", { class: "num" }, text))));
  body.replaceChildren(...rows);
}
