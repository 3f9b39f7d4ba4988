/** The distribution of a chosen part of the time, of each histogram that has a lane. */

import { count, many, share } from "../core/format.js";
import { sum } from "../core/histogram.js";
import "./distribution-chart.js";
import { element } from "./element.js";
import { rangeWords } from "./histogram-tables.js";

/** A histogram's own page shows at most an hour. */
const PAGE_S = 3600;

export class PartHistograms {
  #place;
  #host;
  #urls;
  #sections = new Map();

  /** @param {HTMLElement} place with `data-plotly` and `data-plotly-style`  @param {string} host */
  constructor(place, host) {
    this.#place = place;
    this.#host = host;
    this.#urls = { script: place.dataset.plotly, style: place.dataset.plotlyStyle };
  }

  /** @param {{begin: number, end: number}} part  @param {import("./watched-histogram.js").WatchedHistogram[]} watched */
  show(part, watched) {
    for (const [one] of this.#sections) if (!watched.includes(one)) this.#sections.delete(one);
    for (const one of watched) if (!this.#sections.has(one)) this.#sections.set(one, new Section(one, this.#host, this.#urls));
    const wanted = watched.map((one) => this.#sections.get(one));
    if (wanted.length !== this.#place.children.length || wanted.some(({ element: own }, i) => own !== this.#place.children[i])) this.#place.replaceChildren(...wanted.map(({ element: own }) => own));
    for (const section of wanted) section.show(part);
  }
}

class Section {
  #watched;
  #host;
  #urls;
  #drawn = "";
  #told = element("span", { class: "dim" });
  #link = element("a", { class: "button" }, "Open with its examples");
  #chart = element("distribution-chart");
  #table = element("tbody");
  #details = element("details", {}, element("summary", {}, "The same in numbers"), element("table", { class: "table dense" }, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "From – below"), element("th", { scope: "col", class: "num" }, "Events"), element("th", { scope: "col", class: "num" }, "Share"))), this.#table));

  constructor(watched, host, urls) {
    this.#watched = watched;
    this.#host = host;
    this.#urls = urls;
    this.element = element("section", { class: "part-histogram" }, element("div", { class: "section-head" }, element("h3", {}, `${watched.title} in this part`), this.#told, this.#link), this.#chart, this.#details);
  }

  show(part) {
    const { histogram, trouble, probe } = this.#watched;
    this.#link.href = `/hosts/${encodeURIComponent(this.#host)}/histograms/${probe}/?${keptQuery(part)}`;
    this.#chart.hidden = this.#details.hidden = this.#link.hidden = histogram === null;
    if (histogram === null) {
      this.#told.textContent = trouble || "Fetching…";
      return;
    }
    const counts = histogram.total(part);
    const events = sum(counts);
    const state = `${part.begin} ${part.end} ${counts.join(",")}`;
    this.#chart.hidden = this.#details.hidden = this.#link.hidden = events === 0;
    if (state === this.#drawn) return;
    this.#drawn = state;
    const percentiles = histogram.percentiles(counts).map(({ name, found }) => `${name} ${histogram.text(found)}`).join(", ");
    this.#told.textContent = events === 0 ? "Nothing was counted, or nobody watched" : `${many(events, "event")}: ${percentiles}`;
    if (events > 0) this.#draw(histogram, counts, events);
  }

  #draw(histogram, counts, events) {
    const range = rangeWords(histogram.buckets, histogram.about.texts);
    void this.#chart.show(histogram.about.figure, counts, range, `${this.#watched.title}: ${this.#told.textContent}. The table below has the numbers`, this.#urls);
    const taken = [...counts.keys()].filter((bucket) => counts[bucket] > 0).reverse();
    this.#table.replaceChildren(...taken.map((bucket) => element("tr", {}, element("th", { scope: "row" }, range(bucket)), element("td", { class: "num" }, count(counts[bucket])), element("td", { class: "num" }, share(counts[bucket], events)))));
  }
}

/** Of a longer part its end. */
function keptQuery({ begin, end }) {
  const to = Math.ceil(end / 1000);
  return new URLSearchParams({ "kept-from": String(Math.max(Math.floor(begin / 1000), to - PAGE_S)), "kept-to": String(to) });
}
