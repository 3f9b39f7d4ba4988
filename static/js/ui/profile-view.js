/**
 * `<profile-view src="tree URL">`: a whole profile: trust line, toolbar, graph, detail strip; the view state is the URL.
 *
 * Attributes: `src` where the tree message is, `#…` when it lies in the page (ui/saved-tree.js); `record-url` where an empty profile sends people, `debug-files-url`
 * where one sends debug files for it; `deepens`: the source tells what is `below` a path (profiler/api/explore.py); `grouping="none"` offers no grouping, with `awaits-src` a page sets `src` later. Properties: `swapped` shows two sides the
 * other way round, `emptyMessage` makes what stands in the place of an empty graph. Without `src` the page feeds a live run with `update(arrayBuffer)`, each call
 * replacing the tree, and `finish()` when no more will come. A graph that the page has in its place already (ui/opening.js) stays. Event `treechange` {tree} after each tree is shown. Give the element a height; it never asks for less than 420 px.
 */

import { treeOf } from "../core/diff.js";
import { nodeOf } from "../core/path.js";
import { exactly } from "../core/search.js";
import { patternsOf } from "../core/search-terms.js";
import { element } from "./element.js";
import { empty, failed, goneText, nothingLeft, nothingThen } from "./profile-message.js";
import { LoadError, parse } from "./tree-loader.js";
import { GraphPlace } from "./graph-place.js";
import { ProfileAnalysis } from "./profile-analysis.js";
import { ProfileKeys } from "./profile-keys.js";
import { ProfileSource } from "./profile-source.js";
import { ViewHistory } from "./view-history.js";
import { MomentsPlace } from "./moments-place.js";
import { offerHooks } from "./viewer-hooks.js";
import "./flame-graph.js";
import "./frame-detail.js";
import "./frame-legend.js";
import "./profile-toolbar.js";
import "./quality-line.js";
import "./zoom-crumbs.js";

export class ProfileView extends HTMLElement {
  static observedAttributes = ["src"];

  #graph = this.querySelector("flame-graph") ?? element("flame-graph");
  #quality = element("quality-line");
  #toolbar = element("profile-toolbar");
  #crumbs = element("zoom-crumbs");
  #detail = element("frame-detail");
  #legend = element("frame-legend");
  #stage = this.#graph.parentElement ?? element("div", { class: "profile-stage" }, this.#graph);
  #analysis = new ProfileAnalysis(this.#graph, this.#stage, this.#legend, {
    change: (change, how) => this.#change(change, how),
    inspect: ({ tree, node, focus }) => this.#detail.show(tree, node, focus),
    parts: () => this.#showParts(),
    fail: (error) => this.#say(error.told ?? `What is too small for the first picture could not be had: ${error.message}. Zoom or search again to try again.`),
  });
  #moments = new MomentsPlace(this, this.#graph, this.#analysis.bar, (change, how) => this.#change(change, how));
  #foot = element("div", { class: "profile-foot" }, this.#detail, this.#analysis.actions, this.#legend);
  #notice = element("p", { class: "profile-notice", role: "status", hidden: true });
  #place = new GraphPlace(this, this.#graph, this.#crumbs);
  #history = null;
  #source = new ProfileSource(this, (waiting) => this.#graph.tree === null && this.#place.stand(waiting));
  #live = true;
  #ready = null;
  #swapped = false;
  #whole = () => this.#change({ at: "", base: "" }, "push");
  emptyMessage = () => (this.#history?.state.at ? nothingThen(this.#whole) : empty(this.#live, this.getAttribute("record-url"), this.#graph.tree?.unit));
  #keys = new ProfileKeys(this, () => this.#toolbar.search.input.focus());
  #awaitsZoom = false;

  constructor() {
    super();
    this.#listen();
  }

  connectedCallback() {
    if (this.#stage.parentElement !== this) this.replaceChildren(this.#stage);
    this.#stage.before(this.#quality, this.#toolbar, this.#analysis.bar, this.#moments.element, this.#crumbs);
    this.#stage.after(this.#notice, this.#foot, this.#analysis.card);
    this.#history = new ViewHistory((state) => this.#navigate(state));
    this.#keys.start();
    this.#ready = offerHooks(this.#graph, this.#toolbar.search.input, (q) => this.#change({ q }, "replace"), () => this.#analysis.complete());
    this.#apply();
    this.#place.holdFor(this.#moments.coming);
    if (this.hasAttribute("src")) this.#load();
    else if (!this.hasAttribute("awaits-src")) this.#place.stand(this.emptyMessage());
  }

  disconnectedCallback() {
    this.#history.stop();
    this.#analysis.stop();
    this.#keys.stop();
    this.#source.stop();
  }

  attributeChangedCallback() {
    if (this.#history === null) return;
    this.#apply();
    this.#load();
  }

  get graph() {
    return this.#graph;
  }
  /** Whether the base is side B. */
  set swapped(yes) {
    if (yes === this.#swapped) return;
    this.#swapped = yes;
    this.#readAgain();
  }

  /** Opens what is on screen now. */
  get viewQuery() {
    return this.#history.query;
  }
  /** Show the next state of a live run. A damaged message leaves the one before and says so. @param {ArrayBuffer} buffer */
  update(buffer) {
    try {
      this.#show(parse(buffer));
    } catch (error) {
      if (!(error instanceof LoadError)) throw error;
      this.#say(`An update could not be read (${error.advice}). The graph shows the one before.`);
    }
  }

  /** A live run is over: an empty graph means an empty profile. */
  finish() {
    this.#live = false;
    this.#stageTree(this.#graph.tree);
  }

  #listen() {
    const on = (target, name, act) => target.addEventListener(name, (event) => act(event.detail, event), true);
    on(this.#graph, "zoomchange", ({ how }) => this.#zoomed(how));
    on(this.#graph, "zoomback", (_, event) => this.#stepBack(event));
    on(this.#graph, "inspect", ({ node }) => this.#detail.show(this.#graph.tree, node, this.#graph.focusNode));
    on(this.#graph, "select", () => this.#analysis.showSelection());
    on(this.#graph, "searchresult", (found) => this.#showFound(found));
    on(this.#graph, "matchstep", ({ step }, event) => this.#stepMatch(step, event));
    on(this.#crumbs, "pick", ({ node }) => this.#graph.zoomTo(node));
    on(this.#toolbar, "choose", ({ name, value }) => this.#choose(name, value));
    on(this.#toolbar, "swap", (change) => this.#change(change, "push"));
    on(this.#toolbar, "keys", () => this.#keys.showSheet());
    on(this.#quality, "find", ({ query }) => this.#find(query));
    on(this.#quality, "stacks", ({ which }) => this.#choose("stacks", which));
    on(this.#toolbar, "query", (change) => this.#change(change, "replace"));
    on(this.#toolbar, "matchstep", ({ step }) => this.#graph.stepMatch(step));
    on(this.#toolbar, "leave", () => this.#graph.focusGraph());
  }

  async #load() {
    this.#live = false;
    this.#stage.ariaBusy = "true";
    const loaded = await this.#source.load(this.#history.state, this.#sides());
    if (loaded === null) return;
    this.#stage.ariaBusy = null;
    if (loaded instanceof LoadError) this.#place.stand(failed(loaded, () => this.#load(), this.#history.state.at && this.#whole));
    else this.#show(loaded);
  }

  #sides() {
    return { change: this.#history.state.change, swapped: this.#swapped };
  }

  /** Two sides that are here already are read in another way. */
  #readAgain() {
    const { base } = this.#analysis;
    if (base?.diff) this.#show(Object.assign(treeOf(base.message, this.#sides()), { source: base.source }));
  }

  /** What was cut below the zoomed frame is fetched, where the source has it. */
  #deepen({ tree, zoom }) {
    const show = (whole) => this.#graph.tree === tree && this.#show(whole);
    this.#source.deepen(this.#analysis.base, zoom, this.#history.state, this.#sides(), show);
  }

  #show(base) {
    this.#analysis.show(base, this.#history.state.trail, (tree) => this.#showTree(tree));
  }

  #showTree(tree) {
    const before = this.#graph.tree;
    if (before !== tree) this.#graph.tree = tree;
    this.#stageTree(tree);
    this.#showTools();
    this.#analysis.apply(this.#history.state);
    if (tree.report) this.#quality.show(tree.report, this.#source.asks && !tree.diff, this.getAttribute("debug-files-url"), this.#history.state.at !== "");
    this.#legend.show(tree, this.#graph.palette);
    this.#crumbs.show(tree, this.#graph.focusNode);
    if (before === null || this.#awaitsZoom) this.#showZoom();
    else if (before === tree) this.#takeOver(tree);
    else this.#history.replace({ zoom: this.#graph.zoom });
    this.#ready();
    this.#awaitsZoom = false;
    this.dispatchEvent(new CustomEvent("treechange", { detail: { tree } }));
  }

  /** The page's first picture (ui/opening.js) may have been moved already; nobody was there to be told. */
  #takeOver(tree) {
    const { found, zoom, inspectedNode, focusNode } = this.#graph;
    this.#showFound(found);
    this.#detail.show(tree, inspectedNode, focusNode);
    if (nodeOf(tree, this.#history.state.zoom) === focusNode) return;
    if (zoom === "") this.#showZoom(); // The URL's frame is too narrow for the first picture.
    else this.#history.push({ zoom });
  }

  /** Show the graph, or say why there is none. */
  #stageTree(tree) {
    const nothing = tree === null || !(tree.total[0] > 0);
    this.#place.stand(!nothing ? null : this.#analysis.emptied ? nothingLeft() : this.emptyMessage());
  }

  #apply() {
    const { view, color, trail, show } = this.#history.state;
    this.#place.panel = show !== "graph";
    if (this.#analysis.behind(trail)) this.#show(this.#analysis.base);
    else this.#analysis.apply(this.#history.state);
    this.#graph.view = view;
    this.#graph.palette = color;
    this.#graph.query = patternsOf(this.#history.state).join("\n");
    const { tree } = this.#graph;
    if (tree) this.#legend.show(tree, this.#graph.palette);
    if (tree?.diff && tree.diff.change !== this.#history.state.change) this.#readAgain();
    this.#moments.show(this.#history.state);
    this.#showTools();
  }

  #showTools() {
    this.#toolbar.show(this.#history.state, this.#source.asks && this.getAttribute("grouping") !== "none", Boolean(this.#graph.tree?.diff));
  }

  async #showZoom() {
    const { zoom } = this.#history.state;
    this.#notice.hidden = true;
    if (this.#graph.tree?.partial) await this.#analysis.reach(zoom);
    if (this.#history.state.zoom === zoom && !this.#graph.showZoom(zoom)) this.#say(goneText(zoom));
  }

  async #navigate(state) {
    this.#awaitsZoom = this.#analysis.behind(state.trail);
    this.#apply();
    if (this.#source.behind(state)) await this.#load();
    if (this.#graph.tree && !this.#awaitsZoom) this.#showZoom();
  }

  #choose(name, value) {
    // Another grouping puts other frames below the root: no path leads on from the old one.
    const another = name === "group" || name === "stacks";
    this.#change({ [name]: value, ...(another && { zoom: "" }) }, another ? "push" : "replace");
  }

  #change(change, how) {
    this.#history[how](change);
    this.#apply();
    if (this.#source.behind(this.#history.state)) this.#load();
  }

  /** Other nodes of the same tree: their numbers are others. */
  #showParts() {
    this.#crumbs.show(this.#graph.tree, this.#graph.focusNode);
    this.#showFound(this.#graph.found);
  }

  async #showFound(found) {
    const { tree } = this.#graph;
    const narrow = tree?.partial && found.query !== "" && !found.error;
    const whole = narrow ? await this.#analysis.searched(found) : found;
    if (whole) this.#toolbar.search?.show(whole, tree?.whole ?? 0);
  }

  /** Of a part only the whole knows all matches. */
  #stepMatch(step, event) {
    if (!this.#graph.tree?.partial) return;
    event.preventDefault();
    this.#analysis.stepMatch(step);
  }

  /** As if it had been typed. */
  #find(query) {
    this.#change({ q: query, fuzzy: false }, "replace");
    this.#graph.focusGraph();
  }

  /** Search a function by its name and select its largest frame. @param {string} name */
  find(name) {
    this.#find(exactly(name));
    this.#graph.stepMatch(1);
  }

  #zoomed(how) {
    const { tree, focusNode, zoom } = this.#graph;
    this.#crumbs.show(tree, focusNode);
    if (how === "step") this.#notice.hidden = true;
    this.#history[how === "step" ? "push" : "replace"]({ zoom });
    this.#deepen(this.#graph);
  }

  /** Esc, Backspace and the browser's Back go the same way. */
  #stepBack(event) {
    event.preventDefault();
    if (!this.#history.back()) this.#graph.showZoom("");
  }

  #say(text) {
    Object.assign(this.#notice, { textContent: text, hidden: false });
  }
}

customElements.define("profile-view", ProfileView);
