/**
 * `<search-box>`: regular expressions or fuzzy text, what share of the values they match, and steps through the matches.
 * A term can be pinned, with a colour of its own, and another one typed beside it.
 * Events: `query` {q?, pins?, fuzzy?} on every key, `matchstep` {step}, `leave` when the keyboard should go back to the graph.
 */

import { count, share } from "../core/format.js";
import { MAX_TERMS } from "../core/search-terms.js";
import { markOf } from "../core/themes.js";
import { element } from "./element.js";
import { currentTheme } from "./theme.js";

const NOTHING = { query: "", error: "", count: 0, value: 0, terms: [], number: 0 };
let made = 0;

export class SearchBox extends HTMLElement {
  #input;
  #result = element("span", { class: "search-result", role: "status" });
  #error = element("p", { class: "search-error", role: "alert", hidden: true });
  #pins = element("ul", { class: "search-pins", "aria-label": "Pinned terms" });
  #fuzzy = element("button", { type: "button", class: "icon-button", title: "Fuzzy: the letters of each word in their order, words in any order", "aria-label": "Fuzzy search", onclick: () => this.#emit("query", { fuzzy: !this.#state.fuzzy }) }, "≈");
  #pin = element("button", { type: "button", class: "icon-button", title: "Keep this term in its colour and search for another one (Alt+Enter)", "aria-label": "Pin this term", onclick: () => this.#keep() }, "+");
  #steps = [];
  #state = { q: "", pins: "", fuzzy: false };
  #found = NOTHING;
  #total = 0;

  connectedCallback() {
    if (this.#input) return;
    const id = `flame-search-${++made}`;
    this.#error.id = `${id}-error`;
    this.#input = element("input", {
      id,
      type: "search",
      spellcheck: false,
      autocomplete: "off",
      placeholder: "Search, a regular expression",
      title: "Search frame names by regular expression ( / )",
      "aria-label": "Search frame names by regular expression",
      "aria-describedby": this.#error.id,
      oninput: () => this.#emit("query", { q: this.#input.value }),
      onkeydown: (event) => this.#key(event),
    });
    this.#steps = [this.#step(-1, "‹", "Previous match"), this.#step(1, "›", "Next match")];
    this.append(element("div", { class: "search-row" }, this.#input, this.#fuzzy, this.#result, ...this.#steps, this.#pin), this.#pins, this.#error);
    this.show(NOTHING, 0);
  }

  get input() {
    return this.#input;
  }

  /** What is searched for. @param {{q: string, pins: string, fuzzy: boolean}} state */
  setTerms({ q, pins, fuzzy }) {
    this.#state = { q, pins, fuzzy };
    if (document.activeElement !== this.#input || this.#input.value.trim() !== q.trim()) this.#input.value = q;
    const kind = fuzzy ? "fuzzy text" : "a regular expression";
    Object.assign(this.#input, { placeholder: `Search, ${kind}`, title: `Search frame names, ${kind} ( / )` });
    this.#fuzzy.setAttribute("aria-pressed", String(fuzzy));
    this.#draw();
  }

  /** @param {object} found a `searchresult`  @param {number} total what the share is of */
  show(found, total) {
    this.#found = found;
    this.#total = total;
    this.#draw();
  }

  #draw() {
    const { query, error, count: matches, value, number } = this.#found;
    this.#input.setAttribute("aria-invalid", String(error !== ""));
    this.#error.textContent = error;
    this.#error.hidden = error === "";
    const searching = query !== "" && error === "";
    this.#result.textContent = !searching ? "" : matches === 0 ? "no match" : summary(matches, value, number, this.#total);
    this.#result.title = searching ? "Share of all values below matching frames; a frame below itself counts once" : "";
    for (const button of this.#steps) button.hidden = !searching || matches === 0;
    const pins = this.#pinned();
    this.#pin.hidden = this.#state.q.trim() === "" || error !== "" || pins.length >= MAX_TERMS - 1;
    this.#pins.replaceChildren(...pins.map((text, term) => this.#chip(text, term)));
    this.style.setProperty("--term", pins.length === 0 ? "" : markOf(pins.length, currentTheme()));
  }

  #pinned() {
    return this.#state.pins.split("\n").filter((text) => text !== "");
  }

  #chip(text, term) {
    const { terms, error } = this.#found;
    const sums = error === "" ? terms[term] : undefined;
    const mark = element("span", { class: "swatch", "aria-hidden": "true" });
    mark.style.background = markOf(term, currentTheme());
    const unpin = () => this.#emit("query", { pins: this.#pinned().toSpliced(term, 1).join("\n") });
    return element("li", {}, mark, element("bdi", { title: text }, text), sums ? ` ${share(sums.value, this.#total)}` : "", element("button", { type: "button", "aria-label": `Remove the term ${text}`, onclick: unpin }, "×"));
  }

  #keep() {
    if (this.#pin.hidden) return;
    this.#emit("query", { q: "", pins: [...this.#pinned(), this.#state.q].join("\n") });
    this.#input.focus();
  }

  #step(step, sign, label) {
    return element("button", { type: "button", class: "icon-button", title: `${label} (${step > 0 ? "n" : "N"})`, "aria-label": label, onclick: () => this.#emit("matchstep", { step }) }, sign);
  }

  #key(event) {
    if (event.key === "Enter" && event.altKey) this.#keep();
    else if (event.key === "Enter") this.#emit("matchstep", { step: event.shiftKey ? -1 : 1 });
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (this.#input.value !== "") this.#emit("query", { q: "" });
    this.#emit("leave", {});
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function summary(matches, value, number, total) {
  const place = number > 0 ? `${count(number)}/${count(matches)}` : `${count(matches)} ${matches === 1 ? "frame" : "frames"}`;
  return `${share(value, total)} matched · ${place}`;
}

customElements.define("search-box", SearchBox);
