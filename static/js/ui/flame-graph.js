/**
 * `<flame-graph>`: one tree as a flame graph or icicle.
 *
 * Properties: `tree` (core/tree.js), `view` ("icicle", "flame"), `palette` (core/palettes.js), `query` (regular expressions, one a line),
 * `zoom` (path, core/path.js); all but the tree are attributes too. Replacing `tree` keeps zoom, selection and search.
 *
 * Events, on the element, not bubbling: `zoomchange` {how: "step" | "drift" | "back"}, `zoomback` (cancelable: the graph is
 * about to go a step back by itself), `select` {node}, `inspect` {node} (pointed at, else selected, else zoomed),
 * `searchresult` {query, error, count, value, terms, number}, `matchstep` {step} (cancelable: somebody else knows the matches),
 * `viewchange` after each movement, `treechange`.
 */

import { FlameView, NONE } from "../core/flame-view.js";
import { value } from "../core/format.js";
import { COLORS } from "../core/palettes.js";
import { sentence } from "../core/describe.js";
import { element } from "./element.js";
import { listenToKeys } from "./flame-keys.js";
import { listenToPointers } from "./flame-pointer.js";
import { FlameInspector } from "./flame-inspector.js";
import { FlameStage } from "./flame-stage.js";
import { FrameLook } from "./frame-look.js";
import { watchTheme } from "./theme.js";

const MIN_VISIBLE_PX = 3;
const PAGE_ROWS = 12;

export class FlameGraph extends HTMLElement {
  static observedAttributes = ["view", "palette", "query", "zoom"];

  #state = new FlameView();
  #look = new FrameLook();
  #stopTheme = null;
  #stage = new FlameStage(this.#state, () => ({ ...this.#look.scene, upward: this.view === "flame" }));
  #inspector = new FlameInspector(this.#state, this.#stage, (node) => this.#emit("inspect", { node }));
  #spoken = element("p", { class: "visually-hidden", "aria-live": "polite" });
  #resized = new ResizeObserver(() => this.#stage.resized());

  constructor() {
    super();
    listenToPointers(this.#stage.canvas, this);
    listenToKeys(this.#stage.canvas, this);
  }

  connectedCallback() {
    this.replaceChildren(this.#stage.scroller, this.#spoken);
    this.#stopTheme = watchTheme(() => this.#recolor());
    this.#resized.observe(this.#stage.scroller);
    this.#recolor();
  }

  disconnectedCallback() {
    this.#stopTheme();
    this.#resized.disconnect();
    this.#stage.stop();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (name === "query") this.#search(after ?? "");
    else if (name === "zoom") this.showZoom(after ?? "");
    else if (name === "palette") this.#recolor();
    else this.#stage.showRoot();
  }

  get view() {
    return this.getAttribute("view") === "flame" ? "flame" : "icicle";
  }
  set view(name) {
    this.setAttribute("view", name);
  }
  get palette() {
    if (this.tree?.diff) return "diff";
    const name = this.getAttribute("palette");
    return COLORS.includes(name) ? name : COLORS[0];
  }
  set palette(name) {
    this.setAttribute("palette", name);
  }
  get query() {
    return this.#state.query;
  }
  set query(text) {
    this.setAttribute("query", text);
  }
  get zoom() {
    return this.#state.zoom;
  }
  set zoom(path) {
    this.showZoom(path);
  }
  get tree() {
    return this.#state.tree;
  }
  set tree(tree) {
    const first = this.#state.tree === null;
    this.#state.setTree(tree);
    this.#recolor();
    if (first) {
      this.#state.zoomToPath(this.getAttribute("zoom") ?? "");
      this.#stage.showRoot();
    }
    const of = tree.diff ? `the difference of ${value(tree.diff.a.sum, tree.unit)} and ${value(tree.diff.b.sum, tree.unit)}` : value(tree.total[0], tree.unit);
    this.#stage.canvas.setAttribute("aria-label", `Flame graph of ${of} in ${tree.maxDepth + 1} rows. Arrow keys select a frame`);
    this.#stage.jump();
    this.#stage.outline("selected", this.#state.selected);
    this.#emit("treechange");
    this.#emit("searchresult", this.found);
    this.#inspector.follow();
  }

  /** Other nodes of the tree that is shown: nothing moves. @param {import("../core/tree.js").Tree} tree of the same family */
  set part(tree) {
    this.#state.setTree(tree);
    this.#recolor();
    this.#stage.outline("selected", this.#state.selected);
    this.#inspector.follow();
  }

  get viewport() {
    return this.#state.viewport;
  }
  /** Somebody else moved: nothing is told. */
  set viewport(range) {
    this.#state.moveTo(range);
    this.#stage.jump();
  }
  get showsWhole() {
    return this.#state.empty || this.viewport.end - this.viewport.start >= this.tree.total[0];
  }
  /** Node numbers of the zoomed and the selected frame (or -1). */
  get focusNode() {
    return this.#state.focus;
  }
  get selectedNode() {
    return this.#state.selected;
  }
  get inspectedNode() {
    return this.#inspector.node;
  }

  /** Show a place without adding a step. @param {string} path  @returns {boolean} whether this tree has it */
  showZoom(path) {
    if (this.tree === null) {
      this.setAttribute("zoom", path);
      return true;
    }
    const known = this.#state.zoomToPath(path);
    this.#zoomed("drift");
    return known;
  }

  /** @param {number} node  becomes the whole width, as a step that `back` undoes */
  zoomTo(node) {
    const { start, end } = this.viewport;
    if (node === this.#state.focus && end - start === this.tree.total[node]) return;
    this.#state.zoomTo(node);
    this.#zoomed("step");
  }
  zoomToSelection() {
    this.zoomTo(this.#state.selected === NONE ? this.#state.focus : this.#state.selected);
  }
  reset() {
    this.zoomTo(0);
  }
  back() {
    const event = new CustomEvent("zoomback", { cancelable: true });
    if (this.dispatchEvent(event) && this.#state.back()) this.#zoomed("back");
  }

  /** @param {number} factor < 1 zooms in  @param {number} at 0..1 across the graph */
  zoomBy(factor, at) {
    if (this.#state.empty) return;
    this.#drift(() => this.#state.zoomAt(factor, at));
  }

  /** @param {number} share of the width to the right  @param {number} down px */
  pan(share, down) {
    if (this.#state.empty) return;
    this.#stage.scroller.scrollTop += down;
    this.#drift(() => this.#state.pan(share));
  }
  scrollRows(pages) {
    this.#stage.scroller.scrollTop += pages * PAGE_ROWS * this.#stage.rowHeight;
  }
  clickAt(clientX, clientY) {
    const node = this.#stage.nodeAt(clientX, clientY);
    if (node === NONE) return;
    this.zoomTo(node);
    this.select(node);
  }
  hoverAt(clientX, clientY) {
    this.#inspector.pointAt(clientX, clientY);
  }
  /** @param {number} node */
  select(node) {
    this.#state.selected = node;
    this.#selected();
  }

  /** Select a frame and bring it into view, zooming as little as needed. @param {number} node */
  reveal(node) {
    this.#state.selected = node;
    this.#revealSelection();
  }

  /** @param {"parent"|"child"|"left"|"right"} direction */
  moveSelection(direction) {
    if (this.#state.empty) return;
    this.#state.moveSelection(direction);
    this.#revealSelection();
  }

  /** @param {1|-1} step to the next or previous match, largest first */
  stepMatch(step) {
    const event = new CustomEvent("matchstep", { cancelable: true, detail: { step } });
    if (this.dispatchEvent(event) && this.#state.stepMatch(step) !== NONE) this.#showMatch();
  }

  /** @param {number} node  @param {number} number its place among the matches, from 1 */
  showMatch(node, number) {
    this.#showMatch(this.#state.setMatch(node, number));
  }

  /** Client px of a frame, scrolled into view. @param {number} node */
  rectOf(node) {
    this.#stage.scrollTo(node);
    const { left, top } = this.#stage.canvas.getBoundingClientRect();
    const { x, y, width, height } = this.#stage.rectOf(node);
    return { x: left + x, y: top + y - this.#stage.scroller.scrollTop, width, height };
  }

  /** What has changed, without waiting for a frame. */
  paint() {
    this.#stage.paint();
  }
  focusGraph() {
    this.#stage.canvas.focus({ preventScroll: true });
  }

  #zoomed(how) {
    if (how === "drift") this.#stage.jump();
    else this.#stage.glide();
    this.#stage.scrollTo(this.#state.focus);
    this.#emit("zoomchange", { how });
    this.#emit("viewchange");
    this.#inspector.follow();
  }

  #drift(move) {
    const before = this.#state.focus;
    move();
    this.#stage.jump();
    this.#inspector.follow();
    if (this.#state.focus !== before) this.#emit("zoomchange", { how: "drift" });
    this.#emit("viewchange");
  }

  #revealSelection() {
    const width = this.#stage.scroller.clientWidth;
    if (this.#state.reveal(this.#state.selected, MIN_VISIBLE_PX / width)) this.#zoomed("step");
    this.#stage.scrollTo(this.#state.selected);
    this.#selected();
  }

  #showMatch() {
    this.#revealSelection();
    this.#emit("searchresult", this.found);
  }
  #selected() {
    const node = this.#state.selected;
    this.#stage.outline("selected", node);
    this.#spoken.textContent = sentence(this.tree, node, this.#state.focus);
    this.#emit("select", { node });
    this.#inspector.inspect();
  }

  #search(query) {
    this.#state.search(query);
    this.#stage.invalidate();
    this.#emit("searchresult", this.found);
  }

  /** What a `searchresult` says. */
  get found() {
    const { query, searchError: error, matches, matchNumber: number } = this.#state;
    return { query, error, count: matches?.count ?? 0, value: matches?.value ?? 0, terms: matches?.terms ?? [], number };
  }

  #recolor() {
    this.#look.update(this.tree, this.palette);
    this.#stage.invalidate();
  }

  #emit(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("flame-graph", FlameGraph);
