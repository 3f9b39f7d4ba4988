/** The lines that a program prints: the last ones, with a filter and a pause. Counting goes on while it is paused. */

import { feedWords, offset } from "../core/bpftrace.js";
import { element } from "./element.js";
import { keepInUrl, keptInUrl } from "./url-state.js";

/** What a page draws; the API has the others that were kept. */
const MAX_DRAWN = 500;

export class ProgramFeed {
  #list = element("ol", { class: "feed-lines mono", tabIndex: 0, "aria-label": "Lines that the program printed" });
  #words = element("span", { class: "dim", role: "status" });
  #pause = element("button", { type: "button", onclick: () => this.#toggle() }, "Pause");
  #filter = element("input", { type: "search", placeholder: "Filter", "aria-label": "Only lines with this text", oninput: () => this.#filtered() });
  #printed = null;
  #paused = false;

  constructor() {
    this.#filter.value = keptInUrl("q");
    const tools = element("div", { class: "section-head" }, element("h2", {}, "Lines"), this.#filter, this.#pause, this.#words);
    this.node = element("section", { class: "feed", hidden: true }, tools, this.#list);
  }

  /** @param {object} printed of core/bpftrace/results.py  @param {boolean} final no more will come */
  show(printed, final) {
    this.node.hidden = printed.seen === 0 && printed.lost === 0;
    this.#words.textContent = feedWords(printed);
    this.#pause.hidden = final;
    if (final) this.#paused = false;
    if (this.#paused) return;
    this.#printed = printed;
    this.#draw();
  }

  #toggle() {
    this.#paused = !this.#paused;
    this.#pause.textContent = this.#paused ? "Go on" : "Pause";
  }

  #filtered() {
    keepInUrl("q", this.#filter.value);
    if (this.#printed) this.#draw();
  }

  #draw() {
    const wanted = this.#filter.value.toLowerCase();
    const { text, at_ms: at } = this.#printed;
    const places = [...text.keys()].filter((place) => text[place].toLowerCase().includes(wanted)).slice(-MAX_DRAWN);
    const atEnd = this.#list.scrollTop + this.#list.clientHeight >= this.#list.scrollHeight - 4;
    this.#list.replaceChildren(...places.map((place) => element("li", {}, element("span", { class: "dim" }, offset(at[place])), element("span", {}, text[place]))));
    if (atEnd) this.#list.scrollTop = this.#list.scrollHeight;
  }
}
