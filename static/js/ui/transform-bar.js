/**
 * `<transform-bar>`: which view of the profile, the steps taken on it and what they dropped, and steps to take.
 * Events: `view` {show}, `steps` {steps}.
 */

import { share } from "../core/format.js";
import { describeStep } from "../core/trail.js";
import { element } from "./element.js";

const SHOWN = [
  ["graph", "Graph", "The flame graph"],
  ["table", "Table", "Functions with their own and total values"],
  ["sandwich", "Sandwich", "Callers and callees of a function"],
  ["tree", "Call tree", "The graph as rows that open, for the keyboard"],
];
const PRESETS = [
  ["hide%kernel", "Hide kernel frames"],
  ["hide@^(libc|libpthread|libm|ld-linux)[-.]", "Hide the C library"],
  ["only%python", "Only Python frames"],
  ["only%java", "Only Java frames"],
  ["recursion", "Collapse recursion"],
  ["invert", "Invert: innermost first"],
];

export class TransformBar extends HTMLElement {
  #steps = [];
  #query = "";
  #views = new Map();
  #list = element("ol", { "aria-label": "Steps" });
  #kept = element("span", { class: "kept", role: "status" });
  #add = element("select", { "aria-label": "Change what is shown", onchange: () => this.#take(this.#add.value) });

  connectedCallback() {
    if (this.#views.size > 0) return;
    for (const [name, text, title] of SHOWN) {
      this.#views.set(name, element("button", { type: "button", title, onclick: () => this.#emit("view", { show: name }) }, text));
    }
    this.append(element("div", { class: "segments", role: "group", "aria-label": "View" }, ...this.#views.values()), this.#add, this.#list, this.#kept);
  }

  /**
   * @param {string} shown  @param {string} query of the search
   * @param {import("../core/transforms.js").Taken[]} taken  @param {number} left value  @param {number} whole what was there before
   */
  show(shown, query, taken, left, whole) {
    for (const [name, button] of this.#views) button.setAttribute("aria-pressed", String(name === shown));
    this.#steps = taken.map(({ step }) => step);
    this.#query = query;
    this.#offer();
    this.#list.replaceChildren(...taken.map((step, i) => this.#chip(step, i, whole)));
    const dropped = whole - left;
    this.#kept.textContent = taken.length === 0 ? "" : dropped > 0 ? `${share(left, whole)} is left, ${share(dropped, whole)} was dropped` : "nothing was dropped";
  }

  /** Steps on what the search matches are offered while there is a search. */
  #offer() {
    const matching = this.#query === "" ? [] : [[`keep~${this.#query}`, "Only stacks through matches"], [`drop~${this.#query}`, "Without stacks through matches"], [`hide~${this.#query}`, "Hide matching frames"], [`focus~${this.#query}`, "Only below matches"]];
    const options = [...PRESETS, ...matching].map(([value, text]) => element("option", { value }, text));
    this.#add.replaceChildren(element("option", { value: "" }, "Change…"), ...options);
  }

  #chip({ step, error, dropped }, index, whole) {
    const words = describeStep(step);
    const undo = () => this.#emit("steps", { steps: this.#steps.toSpliced(index, 1) });
    const title = error ? `Skipped: ${error}` : dropped > 0 ? `Dropped ${share(dropped, whole)} of everything` : "Dropped nothing";
    return element("li", { class: error ? "skipped" : "", title }, element("bdi", {}, words), error ? element("span", { class: "why" }, ` (${error})`) : "", element("button", { type: "button", "aria-label": `Undo: ${words}`, onclick: undo }, "×"));
  }

  #take(step) {
    if (step !== "") this.#emit("steps", { steps: [...this.#steps, step] });
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("transform-bar", TransformBar);
