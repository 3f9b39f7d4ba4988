/**
 * `<sandwich-view>`: one function, or all that match the search, between callers (above) and callees (below).
 * Events: `inspect` {tree, node, focus}, `sandwich` {target, how: "push" | "replace"}: it should be about that.
 */

import { many, share, value } from "../core/format.js";
import { anyOf, patternsOf } from "../core/search-terms.js";
import { named, describeTarget, targetError } from "../core/targets.js";
import { rows } from "../core/diff.js";
import { signedWithUnit } from "../core/diff-words.js";
import { withSides } from "../core/sides.js";
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
    const found = error ? null : await ask("sandwich", steps, target).catch((reason) => this.#forget(reason));
    if (this.#shown.target !== target || this.#shown.tree.family !== tree.family) return;
    this.#fill(target, found);
    if (!state.fn && found?.functions) this.#emit("sandwich", { target, how: "replace" });
  }

  /** What could not be had is asked for again. */
  #forget(reason) {
    this.#shown = { ...this.#shown, target: null };
    throw reason;
  }

  #fill(target, found) {
    const { tree } = this.#shown;
    this.#halves.hidden = !found?.functions;
    this.#title.textContent = describeTarget(target).slice(0, 300);
    if (!found?.functions) {
      const why = targetError(target) || "is not in this profile";
      this.#facts.textContent = `${why}. Choose a function in the table or in the graph.`;
      return;
    }
    const what = found.functions === 1 ? "" : `${many(found.functions, "function")}, `;
    for (const [graph, half] of [[this.#callers, found.callers], [this.#callees, found.callees]]) {
      graph.tree = tree.diff ? withSides(tree, half) : reshape(tree, half);
      graph.showZoom("");
    }
    this.#facts.textContent = `${what}${sizes(this.#callees.tree)}, in ${many(found.places, "place")}`;
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {import("../core/tree.js").Tree} tree whose root is what the sandwich is about */
function sizes({ diff, total, whole, unit }) {
  if (!diff) return `${share(total[0], whole)} of everything, ${value(total[0], unit)}`;
  const side = ({ total: of, sum }) => `${share(of[0], sum)} (${value(of[0], unit)})`;
  return `A ${side(diff.a)}, B ${side(diff.b)}, ${signedWithUnit(diff, diff.of(0))}`;
}

/** @param {object} state */
function pattern(state) {
  return anyOf(patternsOf(state));
}

/** Without a choice: the function with the largest own value, of two sides the one that changed most. */
async function largest({ tree, ask, steps }) {
  if (tree.diff) return mostChanged(tree.diff);
  const { frame } = await ask("table", steps);
  return frame.length ? named(tree.strings[tree.frames.name[frame[0]]]) : "";
}

function mostChanged(diff) {
  const [first] = rows(diff, "self");
  return first ? named(first.name) : "";
}

function half(title, graph) {
  return element("section", { class: "sandwich-half", "aria-label": title }, element("h3", {}, title), graph);
}

customElements.define("sandwich-view", SandwichView);
