/**
 * `<sandwich-view>`: one function, or all that match the search, between callers (above) and callees (below).
 * Events: `inspect` {tree, node, focus}, `sandwich` {target, how: "push" | "replace"}: it should be about that.
 */

import { count, share, value } from "../core/format.js";
import { anyOf, patternsOf } from "../core/search-terms.js";
import { named, describeTarget, targetError } from "../core/targets.js";
import { reshape } from "../core/tree.js";
import { element } from "./element.js";
import "./flame-graph.js";

export class SandwichView extends HTMLElement {
  #shown = null;
  #title = element("h2");
  #facts = element("p", { class: "dim" });
  #all = element("button", { type: "button", onclick: () => this.#emit("sandwich", { target: `~${pattern(this.#shown.state)}`, how: "push" }) }, "All that match the search");
  #callers = element("flame-graph", { "aria-label": "Callers" });
  #callees = element("flame-graph", { "aria-label": "Callees" });
  #halves = element("div", { class: "sandwich-halves" }, half("Callers", this.#callers), half("Callees", this.#callees));

  constructor() {
    super();
    for (const graph of [this.#callers, this.#callees]) {
      graph.addEventListener("inspect", ({ detail: { node } }) => this.#emit("inspect", { tree: graph.tree, node, focus: graph.focusNode }));
    }
    this.#callers.view = "flame";
  }

  connectedCallback() {
    if (this.#halves.isConnected) return;
    this.append(element("header", { class: "sandwich-head" }, this.#title, this.#facts, this.#all), this.#halves);
  }

  /** @param {{tree: object, state: object, ask: Function, steps: string[]}} shown */
  async show(shown) {
    const { state, tree, ask, steps } = shown;
    const target = state.fn || (await largest(shown));
    const same = this.#shown?.tree.family === tree.family && this.#shown.target === target;
    this.#shown = { ...shown, target };
    this.#all.hidden = pattern(state) === "" || target === `~${pattern(state)}`;
    for (const graph of [this.#callers, this.#callees]) Object.assign(graph, { palette: state.color, query: patternsOf(state).join("\n") });
    if (same) return;
    const error = targetError(target);
    const found = error ? null : await ask("sandwich", steps, target);
    if (this.#shown.target !== target || this.#shown.tree.family !== tree.family) return;
    this.#fill(target, found);
    if (!state.fn && found?.functions) this.#emit("sandwich", { target, how: "replace" });
  }

  #fill(target, found) {
    const { tree } = this.#shown;
    this.#halves.hidden = !found?.functions;
    this.#title.textContent = describeTarget(target).slice(0, 300);
    if (!found?.functions) {
      this.#facts.textContent = "is not in this profile. Choose a function in the table or in the graph.";
      return;
    }
    const many = (n, one) => `${count(n)} ${one}${n === 1 ? "" : "s"}`;
    const what = found.functions === 1 ? "" : `${many(found.functions, "function")}, `;
    const total = found.callees.total;
    this.#facts.textContent = `${what}${share(total, tree.whole)} of everything, ${value(total, tree.unit)}, in ${many(found.places, "place")}`;
    for (const [graph, shape] of [[this.#callers, found.callers], [this.#callees, found.callees]]) {
      graph.tree = reshape(tree, shape);
      graph.showZoom("");
    }
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {object} state */
function pattern(state) {
  return anyOf(patternsOf(state));
}

/** Without a choice: the function with the largest own value. */
async function largest({ tree, ask, steps }) {
  const { frame } = await ask("table", steps);
  return frame.length ? named(tree.strings[tree.frames.name[frame[0]]]) : "";
}

function half(title, graph) {
  return element("section", { class: "sandwich-half", "aria-label": title }, element("h3", {}, title), graph);
}

customElements.define("sandwich-view", SandwichView);
