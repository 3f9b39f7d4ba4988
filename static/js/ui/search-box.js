/**
 * `<search-box>`: a regular expression, what share of the values it matches, and steps through the matches.
 * Events: `query` {query} on every key, `matchstep` {step}, `leave` when the keyboard should go back to the graph.
 */

import { count, share } from "../core/format.js";
import { element } from "./element.js";

let made = 0;

export class SearchBox extends HTMLElement {
  #input;
  #result = element("span", { class: "search-result", role: "status" });
  #error = element("p", { class: "search-error", role: "alert", hidden: true });
  #steps = [];

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
      oninput: () => this.#emit("query", { query: this.#input.value }),
      onkeydown: (event) => this.#key(event),
    });
    this.#steps = [this.#step(-1, "‹", "Previous match"), this.#step(1, "›", "Next match")];
    this.append(element("div", { class: "search-row" }, this.#input, this.#result, ...this.#steps), this.#error);
    this.show({ query: "", error: "", count: 0, value: 0, number: 0 }, 0);
  }

  get input() {
    return this.#input;
  }

  /** @param {object} found a `searchresult`  @param {number} total what the share is of */
  show({ query, error, count: matches, value, number }, total) {
    if (document.activeElement !== this.#input) this.#input.value = query;
    this.#input.setAttribute("aria-invalid", String(error !== ""));
    this.#error.textContent = error;
    this.#error.hidden = error === "";
    const searching = query !== "" && error === "";
    this.#result.textContent = !searching ? "" : matches === 0 ? "no match" : summary(matches, value, number, total);
    this.#result.title = searching ? "Share of all values below matching frames; a frame below itself counts once" : "";
    for (const button of this.#steps) button.hidden = !searching || matches === 0;
  }

  #step(step, sign, label) {
    return element("button", { type: "button", class: "icon-button", title: `${label} (${step > 0 ? "n" : "N"})`, "aria-label": label, onclick: () => this.#emit("matchstep", { step }) }, sign);
  }

  #key(event) {
    if (event.key === "Enter") this.#emit("matchstep", { step: event.shiftKey ? -1 : 1 });
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (this.#input.value !== "") {
      this.#input.value = "";
      this.#emit("query", { query: "" });
    }
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
