/**
 * The views of a profile beside its graph, and the steps taken on it. The page's view owns the state; this class shows
 * it, and asks for changes through `change(state, "push" | "replace")`.
 */

import { NONE } from "../core/flame-view.js";
import { nodeOf, pathOf, widestNamed } from "../core/path.js";
import { anyOf, patternsOf } from "../core/search-terms.js";
import { moduleOf, named } from "../core/targets.js";
import { formatTrail, parseTrail } from "../core/trail.js";
import { reshape } from "../core/tree.js";
import { CloseUp } from "./close-up.js";
import { element } from "./element.js";
import { FrameActions } from "./frame-actions.js";
import { PanelWait } from "./profile-message.js";
import { WholeSearch } from "./whole-search.js";
import { WholeTree } from "./whole-tree.js";
import { mapOf } from "./mini-map.js";
import "./transform-bar.js";

/** The first picture is painted and the page at rest: then the whole of a large tree is fetched. */
const AT_REST_MS = 500;

/** Loaded when first looked at. */
const PANELS = {
  table: { tag: "stack-table", load: () => import("./stack-table.js") },
  sandwich: { tag: "sandwich-view", load: () => import("./sandwich-view.js") },
  changes: { tag: "diff-table", load: () => import("./diff-table.js") },
  tree: { tag: "call-tree", load: () => import("./call-tree.js") },
  chart: { tag: "flame-chart", load: () => import("./flame-chart.js") },
};

export class ProfileAnalysis {
  bar = element("transform-bar");
  #act = new FrameActions({ sandwich: () => this.#open("sandwich"), take: (steps) => this.#take(steps), details: () => this.#toggleCard() });
  actions = this.#act.element;
  card = element("div", { class: "card-place", hidden: true });
  #whole = new WholeTree();
  #panels = new Map();
  #wait;
  #card = null;
  #notes = null;
  #taken = [];
  #asked = null;
  #trail = "";

  /**
   * @param {HTMLElement} graph a <flame-graph>  @param {HTMLElement} stage where panels stand  @param {HTMLElement} legend a <frame-legend>
   * @param {{change: (change: object, how: "push"|"replace") => void, inspect: (detail: object) => void,
   *   parts: () => void, fail: (error: Error) => void}} tell `parts`: the graph has other nodes of the same tree
   */
  constructor(graph, stage, legend, tell) {
    Object.assign(this, { graph, stage, ...tell });
    const ask = (question, ...about) => this.#ask(question, parseTrail(this.#trail), ...about);
    this.closeUp = new CloseUp(graph, (range) => ask("part", range), () => this.#showParts());
    this.search = new WholeSearch(() => `${graph.query}\n\n${this.#trail}`, ask);
    graph.addEventListener("viewchange", () => this.#guard(this.closeUp.look()));
    // A link leads to a zoomed frame that nobody has selected.
    graph.addEventListener("zoomchange", () => this.state && !(graph.selectedNode > 0) && this.showSelection());
    this.bar.addEventListener("view", ({ detail: { show } }) => this.#open(show));
    this.bar.addEventListener("steps", ({ detail: { steps } }) => this.change({ trail: formatTrail(steps) }, "push"));
    this.bar.addEventListener("notes", () => this.#toggleNotes());
    this.bar.addEventListener("save", ({ detail: { what } }) => this.#guard(import("./save-view.js").then(({ saveView }) => saveView(what, this, ask))));
    legend.addEventListener("steps", ({ detail: { steps } }) => this.#take(steps));
    if (!stage.querySelector("mini-map")) stage.prepend(mapOf(graph));
    this.#wait = new PanelWait(stage);
  }

  /** Everything that was asked for is of no more use. */
  stop() {
    this.#whole.stop();
  }

  /** Whether a step left nothing. */
  get emptied() {
    return this.base?.total[0] > 0 && this.#taken.some(({ dropped }) => dropped > 0) && this.graph.tree?.total[0] === 0;
  }

  /**
   * Take the trail's steps on a profile. @param {object} base its tree  @param {string} trail
   * @param {(tree: object) => void} show called at once when there is no step
   */
  async show(base, trail, show) {
    this.#whole.set(base);
    const steps = parseTrail(trail);
    const asked = (this.#asked = {});
    const result = steps.length > 0 ? await this.#guard(this.#ask("transform", steps)) : null;
    if (asked !== this.#asked) return;
    const tree = result ? await this.#changed(result) : this.base;
    if (asked !== this.#asked) return;
    this.#trail = trail;
    this.#taken = result?.taken ?? [];
    show(tree);
    if (base.partial) setTimeout(() => asked === this.#asked && this.#guard(this.complete()), AT_REST_MS);
  }

  async #changed(result) {
    if (!this.base.diff) return reshape(this.base, result.shape);
    const { withSides } = await import("../core/sides.js");
    return withSides(this.base, result);
  }

  async #ask(...question) {
    await this.complete();
    return this.#whole.ask(...question);
  }

  /** Fetch the whole, once. Answers are about all of its frames: what is shown must know them too. */
  async complete() {
    const before = this.base;
    const tree = await this.#whole.open();
    const shown = this.graph.tree;
    if (shown?.family !== before.family || shown.frames.name === tree.frames.name) return;
    this.graph.part = tree;
    this.#showParts();
    this.closeUp.look();
  }

  #showParts() {
    this.parts();
    if (this.state.show in PANELS) this.apply(this.state);
  }

  /** What can't be had is told; what is on screen stays. */
  async #guard(work) {
    try {
      return await work;
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  /** Whether the tree on screen is of other steps than these. @param {string} trail */
  behind(trail) {
    return this.base !== null && trail !== this.#trail;
  }

  /** @returns {object|null} the profile without steps */
  get base() {
    return this.#whole.base;
  }

  /** Have the frame of a path in the graph, however narrow, if there is one. @param {string} path */
  async reach(path) {
    if (nodeOf(this.graph.tree, path) !== NONE) return;
    const found = await this.#guard(this.#ask("place", parseTrail(this.#trail), path));
    if (found) await this.closeUp.reach(found);
  }

  /** @param {object} found a `searchresult` of the part  @returns {Promise<object|null>} of the whole */
  searched(found) {
    return this.#guard(this.search.complete(found));
  }

  /** To the next or previous match of the whole tree. @param {1|-1} step */
  async stepMatch(step) {
    const next = await this.#guard(this.search.step(step, this.graph.query));
    if (next === null) return;
    const node = await this.closeUp.reach(next.found);
    if (node >= 0) this.graph.showMatch(node, next.number);
  }

  /** Show what the state says. @param {object} state */
  async apply(state) {
    // The page's first picture (ui/opening.js) comes before what it is of.
    const tree = this.base && this.graph.tree;
    this.state = state;
    this.bar.hidden = tree === null || !(this.base.total[0] > 0);
    this.actions.hidden = tree === null;
    if (tree === null) return;
    this.bar.show(state.show, anyOf(patternsOf(state)), this.#taken, tree, this.base);
    this.showSelection();
    const wanted = state.show === "table" && tree.diff ? "changes" : state.show;
    for (const [name, panel] of this.#panels) panel.hidden = name !== wanted;
    if (!(wanted in PANELS) || this.bar.hidden) return this.#wait.end();
    await this.#wait.during(() => this.#fill(wanted, state, tree), !this.#panels.has(wanted), () => this.apply(this.state));
  }

  async #fill(wanted, state, tree) {
    // First what it shows: a panel without rows takes the focus, and the keys that are pressed then are lost.
    await this.complete();
    const panel = await this.#panel(wanted, state.show);
    // One side may have come in the place of two meanwhile, or the other way round: that is told anew.
    const same = this.state === state && Boolean(this.graph.tree?.diff) === Boolean(tree.diff);
    if (same) await panel?.show(this.#context(state));
  }

  /** The actions are about the selected function. */
  showSelection() {
    const target = this.#target();
    this.#act.show(target, target === "" ? [] : this.#place(target));
    this.#card?.show();
  }

  #context(state) {
    return { state, tree: this.graph.tree, ask: (...question) => this.#ask(...question), steps: parseTrail(this.#trail), base: this.base, taken: this.#taken, selected: this.graph.selectedNode };
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
    on("look", (change) => this.change(change, "replace"));
    on("inspect", (detail) => this.inspect(detail));
    on("closer", ({ node }) => this.#guard(this.closeUp.keep(node)));
    on("picknode", ({ node }) => this.#pickNode(node));
    on("opennode", ({ node }) => this.#openNode(node));
  }

  /** A function of the table: in the graph it is the widest of its frames. @returns {Promise<boolean>} whether there is one */
  async #pick(name) {
    this.change({ fn: named(name) }, "replace");
    const { tree } = this.graph;
    let node = widestNamed(tree, name);
    if (node === NONE && tree.partial) node = await this.closeUp.reach(await this.#ask("widest", parseTrail(this.#trail), name));
    if (node !== NONE) this.graph.select(node);
    return node !== NONE;
  }

  #pickNode(node) {
    this.graph.select(node);
    this.change({ fn: node === 0 ? "" : named(this.graph.tree.name(node)) }, "replace");
  }

  /** One step, also for the browser's Back. */
  #openNode(node) {
    const zoom = pathOf(this.graph.tree, node);
    this.change({ show: "graph", zoom }, "push");
    this.graph.showZoom(zoom);
  }

  #open(show) {
    if (show === this.state.show) return;
    const fn = this.#target();
    this.change(show === "graph" ? { show } : { show, fn }, "push");
    if (show === "graph" && this.graph.selectedNode > 0) this.graph.reveal(this.graph.selectedNode);
  }

  async #toggleCard() {
    const { CardPlace } = await import("./card-place.js");
    this.#card ??= new CardPlace(this.card, this.#act.details, () => this.#told());
    this.#card.toggle();
  }

  /** For the card: the frame, and who knows where its function ran. */
  #told() {
    const target = this.#target();
    return target === "" ? null : [this.graph.tree, this.#node(), () => this.#guard(this.#ask("split", parseTrail(this.#trail), target))];
  }

  async #toggleNotes() {
    const { NotePlace } = await import("./note-place.js");
    this.#notes ??= new NotePlace(this.bar, (name) => this.#pick(name));
    this.#notes.toggle();
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
