/**
 * The views of a profile beside its graph, and the steps taken on it. The page's view owns the state; this class shows
 * it, and asks for changes through `change(state, "push" | "replace")`.
 */

import { NONE } from "../core/flame-view.js";
import { printable } from "../core/labels.js";
import { pathOf, widestNamed } from "../core/path.js";
import { onFunction } from "../core/presets.js";
import { anyOf, patternsOf } from "../core/search-terms.js";
import { moduleOf, named } from "../core/targets.js";
import { formatTrail, parseTrail } from "../core/trail.js";
import { reshape } from "../core/tree.js";
import { element } from "./element.js";
import "./transform-bar.js";

/** Loaded when first looked at. */
const PANELS = {
  table: { tag: "stack-table", load: () => import("./stack-table.js") },
  sandwich: { tag: "sandwich-view", load: () => import("./sandwich-view.js") },
  changes: { tag: "diff-table", load: () => import("./diff-table.js") },
  tree: { tag: "call-tree", load: () => import("./call-tree.js") },
};
const ACTIONS = [
  ["Sandwich", "Callers and callees of this function"],
  ["Focus", "Only what lies below this function", "focus"],
  ["Hide", "Give this function's own value to its callers", "hide"],
  ["Drop", "Leave out all stacks through this function", "drop"],
];

export class ProfileAnalysis {
  bar = element("transform-bar");
  actions = element("div", { class: "frame-actions", role: "group", "aria-label": "The selected function" });
  #more = element("select", { "aria-label": "More about the selected function", onchange: () => this.#takeMore() });
  #analyst = null;
  #panels = new Map();
  #base = null;
  #taken = [];
  #asked = null;
  #trail = "";

  /**
   * @param {HTMLElement} graph a <flame-graph>  @param {HTMLElement} stage where panels stand  @param {HTMLElement} legend a <frame-legend>
   * @param {(change: object, how: "push"|"replace") => void} change  @param {(detail: object) => void} inspect
   */
  constructor(graph, stage, legend, change, inspect) {
    Object.assign(this, { graph, stage, change, inspect });
    this.bar.addEventListener("view", ({ detail: { show } }) => this.#open(show));
    this.bar.addEventListener("steps", ({ detail: { steps } }) => change({ trail: formatTrail(steps) }, "push"));
    legend.addEventListener("steps", ({ detail: { steps } }) => this.#take(steps));
    const act = (verb) => (verb ? this.#take([verb + this.#target()]) : this.#open("sandwich"));
    this.actions.append(...ACTIONS.map(([text, title, verb]) => element("button", { type: "button", title, onclick: () => act(verb) }, text)), this.#more);
  }

  /** Everything that was asked for is of no more use. */
  stop() {
    this.#analyst?.stop();
  }

  /** Whether a step left nothing. */
  get emptied() {
    return this.#base?.total[0] > 0 && this.#taken.some(({ dropped }) => dropped > 0) && this.graph.tree?.total[0] === 0;
  }

  /**
   * Take the trail's steps on a profile. @param {object} base its tree  @param {string} trail
   * @param {(tree: object) => void} show called at once when there is no step
   */
  async show(base, trail, show) {
    this.#base = base;
    const steps = base.diff ? [] : parseTrail(trail);
    const asked = (this.#asked = {});
    const result = steps.length > 0 ? await this.#ask("transform", steps) : null;
    if (asked !== this.#asked) return;
    this.#trail = trail;
    this.#taken = result?.taken ?? [];
    show(result ? reshape(base, result.shape) : base);
  }

  /** Who answers is loaded with the first question: most profiles are opened, read and left. */
  async #ask(...question) {
    const { Analyst } = await import("./analyst.js");
    this.#analyst ??= new Analyst();
    this.#analyst.setTree(this.#base);
    return this.#analyst.ask(...question);
  }

  /** Whether the tree on screen is of other steps than these. @param {string} trail */
  behind(trail) {
    return this.#base !== null && !this.#base.diff && trail !== this.#trail;
  }

  /** @returns {object|null} the profile without steps */
  get base() {
    return this.#base;
  }

  /** Show what the state says. @param {object} state */
  async apply(state) {
    const { tree } = this.graph;
    this.state = state;
    this.bar.hidden = tree === null || !(this.#base.total[0] > 0);
    this.actions.hidden = tree === null || Boolean(tree.diff);
    if (tree === null) return;
    this.bar.show(this.shown, anyOf(patternsOf(state)), this.#taken, tree, this.#base.total[0]);
    if (!tree.diff) this.showSelection();
    const wanted = this.shown === "table" && tree.diff ? "changes" : this.shown;
    for (const [name, panel] of this.#panels) panel.hidden = name !== wanted;
    if (wanted in PANELS) (await this.#panel(wanted, state.show))?.show(this.#context(state));
  }

  /** The view that is on screen: a sandwich has one side. @returns {string} */
  get shown() {
    return this.graph.tree?.diff && this.state.show === "sandwich" ? "graph" : this.state.show;
  }

  /** The actions are about the selected function. */
  showSelection() {
    const target = this.#target();
    for (const control of this.actions.children) control.disabled = target === "";
    const offers = target === "" ? [] : onFunction(target, ...this.#place(target));
    this.#more.replaceChildren(element("option", { value: "" }, "More…"), ...offers.map(([steps, text]) => element("option", { value: formatTrail(steps) }, printable(text))));
  }

  #context(state) {
    return { state, tree: this.graph.tree, ask: (...question) => this.#ask(...question), steps: parseTrail(this.#trail), selected: this.graph.selectedNode };
  }

  async #panel(name, show) {
    const { tag, load } = PANELS[name];
    await load();
    // Another view may have been chosen, or another tree shown, while this one was loading.
    if (this.state.show !== show || this.graph.tree === null) return null;
    if (!this.#panels.has(name)) {
      const panel = element(tag);
      this.#panels.set(name, panel);
      this.#listen(panel);
      this.stage.append(panel);
    }
    return this.#panels.get(name);
  }

  #listen(panel) {
    const on = (name, act) => panel.addEventListener(name, ({ detail }) => act(detail));
    on("pick", ({ name }) => this.#pick(name));
    on("open", ({ name }) => this.change({ show: "sandwich", fn: named(name) }, "push"));
    on("sort", ({ sort }) => this.change({ sort }, "replace"));
    on("sandwich", ({ target, how }) => this.change({ fn: target }, how));
    on("inspect", (detail) => this.inspect(detail));
    on("picknode", ({ node }) => this.#pickNode(node));
    on("opennode", ({ node }) => this.#openNode(node));
  }

  /** A function of the table: in the graph it is the widest of its frames. */
  #pick(name) {
    const node = widestNamed(this.graph.tree, name);
    if (node !== NONE) this.graph.select(node);
    this.change({ fn: named(name) }, "replace");
  }

  #pickNode(node) {
    this.graph.select(node);
    this.change({ fn: node === 0 ? "" : named(this.graph.tree.name(node)) }, "replace");
  }

  #openNode(node) {
    this.change({ show: "graph" }, "push");
    this.graph.zoomTo(node);
  }

  #open(show) {
    if (show === this.state.show) return;
    const fn = this.#target();
    this.change(show === "graph" ? { show } : { show, fn }, "push");
    if (show === "graph" && this.graph.selectedNode > 0) this.graph.reveal(this.graph.selectedNode);
  }

  #takeMore() {
    if (this.#more.value !== "") this.#take(parseTrail(this.#more.value));
  }

  /** @param {string[]} steps after those that were taken */
  #take(steps) {
    this.change({ trail: formatTrail([...parseTrail(this.#trail), ...steps]) }, "push");
  }

  /** @returns {[string, string]} module of the function; in the graph also the path of the selected frame */
  #place(target) {
    const { tree } = this.graph;
    if (this.state.show !== "graph") return [moduleOf(tree, target), ""];
    const node = this.#node();
    return [tree.frameOf(node).module, pathOf(tree, node)];
  }

  #node() {
    const { selectedNode, focusNode } = this.graph;
    return selectedNode > 0 ? selectedNode : focusNode;
  }

  /** In the graph what is selected or zoomed, in the other views the function that is looked at. */
  #target() {
    if (this.state.show !== "graph") return this.state.fn;
    const { tree } = this.graph;
    const node = this.#node();
    return tree === null || node === 0 ? "" : named(tree.name(node));
  }
}
