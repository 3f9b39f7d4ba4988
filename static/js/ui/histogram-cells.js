/** The examples of chosen cells: what is known of them all, and the flame graph of just these. The server finds them (profiler/query/histogram_examples.py). */

import { writeCells } from "../core/cells.js";
import { count, many } from "../core/format.js";
import { element } from "./element.js";
import "./profile-view.js";

export class HistogramCells {
  #place;
  #now;
  #graph = null;
  #asked = "";

  /**
   * @param {HTMLElement} place with `[data-part]`s of the page  @param {object} now what the page knows of its histogram
   * @param {(cells: import("../core/cells.js").Cells) => string} words  @param {(rows: object[]) => void} found the examples, when they are there
   */
  constructor(place, now, words, found) {
    this.#place = place;
    this.#now = now;
    this.words = words;
    this.found = found;
  }

  #find(part) {
    return this.#place.querySelector(`[data-part="${part}"]`);
  }

  /** @param {import("../core/cells.js").Cells|null} cells  @param {string[]|null} labels of a row */
  async show(cells, labels) {
    this.#place.hidden = cells === null;
    if (cells === null) {
      this.#asked = "";
      return this.found([]);
    }
    this.#find("title").textContent = this.words(cells) + (labels ? `, ${labels.join(" / ")}` : "");
    const query = writeCells(new URLSearchParams(this.#now.values), cells, labels);
    const asked = `${this.#now.examples}?${query}`;
    if (asked === this.#asked) return undefined;
    this.#asked = asked;
    this.#tell("Looking for them…");
    if (this.#now.stack) this.#showGraph(`${this.#now.examples}/tree?${query}`);
    const answer = await fetch(asked, { headers: { Accept: "application/json" } }).catch(() => null);
    if (asked !== this.#asked) return undefined;
    if (!answer?.ok) return this.#tell(`The examples can't be had (${answer?.status ?? "no connection"}): choose them again.`);
    const told = await answer.json();
    if (asked !== this.#asked) return undefined;
    this.#tell(this.#facts(told));
    return this.found(told.rows.map(exampleOf));
  }

  #tell(text) {
    this.#find("facts").textContent = text;
  }

  #facts({ kept, chosen, without_stack: without }) {
    const reasons = Object.entries(without).filter(([reason]) => reason !== "");
    const lacking = Object.values(without).reduce((sum, number) => sum + number, 0);
    const slowest = chosen < kept ? `, of which the slowest ${count(chosen)} are here` : "";
    const why = reasons.map(([reason, number]) => `${count(number)} without a stack: ${reason}`);
    const have = this.#now.stack ? [`${count(chosen - lacking)} with a stack`] : [];
    return [`${many(kept, "example")} kept${slowest}`, ...have, ...why].join("; ") + ".";
  }

  #showGraph(tree) {
    if (this.#graph === null) {
      this.#graph = element("profile-view", { "awaits-src": "" });
      this.#graph.emptyMessage = () => this.#nothing();
      this.#find("graph").replaceChildren(this.#graph);
    }
    this.#graph.setAttribute("src", tree);
  }

  #nothing() {
    return element("div", { class: "profile-message", role: "status" },
      element("h2", {}, "None of these examples has a stack"),
      element("p", {}, "The line above says why. Of each bucket up to eight events a second are kept as examples; choose more cells, or others."));
  }
}

/** As the page's own (core/histogram.js). */
function exampleOf({ at_ms: at, value, pid, tid, comm, labels, stack, no_stack: why }) {
  return { at, value, pid, tid, comm, labels, stack, why };
}
