/**
 * `<mini-map>`: the whole graph in a strip above it, with the part that is on screen; a press or a drag goes there. It shows
 * up when there is more than fits. The graph's own keys do the same, so it is for the eye and the pointer only.
 */

import { Layout, visibleFrames } from "../core/layout.js";
import { frameOf, needed, stripOf } from "../core/miniature.js";
import { colorsOf, palette } from "../core/colors.js";
import { colorNodes } from "../core/diff-colors.js";
import { rowHeight } from "../render/flamegraph.js";
import { element } from "./element.js";
import { currentTheme, watchTheme } from "./theme.js";

export class MiniMap extends HTMLElement {
  #canvas = element("canvas");
  #window = element("div", { class: "mini-window" });
  #layout = new Layout();
  #drawn = "";
  #tree = null;
  #frame = 0;
  #painting = 0;
  #stopTheme = null;

  connectedCallback() {
    this.setAttribute("aria-hidden", "true");
    // Until it is known to be needed: it would push the graph down, and be taken away again.
    this.hidden = true;
    this.replaceChildren(this.#canvas, this.#window);
    this.#stopTheme = watchTheme(() => this.#later());
    this.addEventListener("pointerdown", (event) => event.button === 0 && this.#press(event));
    this.addEventListener("pointermove", (event) => this.hasPointerCapture(event.pointerId) && this.#go(event));
  }

  disconnectedCallback() {
    this.#stopTheme();
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#painting);
  }

  /** @param {HTMLElement} graph a <flame-graph>, which this follows */
  follow(graph) {
    this.graph = graph;
    graph.addEventListener("viewchange", () => this.#later());
    // At once: a strip that comes after the first picture would push it down.
    graph.addEventListener("treechange", () => this.#draw());
    graph.addEventListener("scroll", () => this.#later(), { capture: true, passive: true });
    new ResizeObserver(() => this.#later()).observe(graph);
  }

  #later() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const { graph } = this;
    const { tree } = graph;
    const scroller = graph.querySelector(".flame-scroller");
    if (!(tree?.total[0] > 0) || !(scroller?.clientHeight > 0)) {
      this.hidden = true;
      return;
    }
    const depths = tree.maxDepth + 1;
    const row = rowHeight(devicePixelRatio);
    const shown = Math.ceil(scroller.clientHeight / row);
    this.hidden = !needed(tree.header.whole_nodes ?? tree.length, depths, shown);
    if (this.hidden) return;
    const strip = { ...stripOf(depths), width: this.clientWidth, upward: graph.view === "flame" };
    this.#canvas.style.blockSize = `${strip.height}px`;
    this.#paintLater(tree, strip);
    const fromTop = scroller.scrollTop / row;
    const first = Math.max(0, strip.upward ? (scroller.scrollHeight - scroller.clientHeight) / row - fromTop : fromTop);
    const { x, y, width, height } = frameOf(graph.viewport, tree.total[0], { first, shown, depths }, strip);
    this.#window.style.transform = `translate(${x}px, ${y}px)`;
    Object.assign(this.#window.style, { inlineSize: `${width}px`, blockSize: `${height}px` });
  }

  /** Only when the whole looks different, and with the graph: one picture less to put on screen. */
  #paintLater(tree, strip) {
    const look = `${strip.width} ${strip.height} ${strip.upward} ${this.graph.palette} ${currentTheme()} ${devicePixelRatio}`;
    if (look === this.#drawn && sameWhole(tree, this.#tree)) return;
    this.#drawn = look;
    this.#tree = tree;
    cancelAnimationFrame(this.#painting);
    this.#painting = requestAnimationFrame(() => this.#paint(tree, strip));
  }

  #paint(tree, { width, height, row, upward }) {
    const ratio = devicePixelRatio;
    Object.assign(this.#canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const context = this.#canvas.getContext("2d", { alpha: false });
    const { fills, surface, middle } = palette(this.graph.palette, currentTheme());
    context.fillStyle = surface;
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    const { colors, byNode } = tree.diff ? { colors: colorNodes(tree), byNode: true } : colorsOf(tree, this.graph.palette);
    const { count, node, left, right } = visibleFrames(tree, { start: 0, end: tree.total[0] }, this.#canvas.width, 0, tree.maxDepth, this.#layout);
    for (let i = 0; i < count; i++) {
      context.fillStyle = fills[middle[colors[byNode ? node[i] : tree.frame[node[i]]]]];
      const top = tree.depth[node[i]] * row * ratio;
      const y = upward ? this.#canvas.height - top - row * ratio : top;
      context.fillRect(left[i], y, right[i] - left[i], Math.max(1, row * ratio));
    }
  }

  #press(event) {
    this.setPointerCapture(event.pointerId);
    this.#go(event);
  }

  /** The middle of what is on screen goes to the pointer. */
  #go(event) {
    const { graph } = this;
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const { start, end } = graph.viewport;
    const total = graph.tree.total[0];
    const at = Math.max(0, Math.min(1, (event.clientX - left) / width)) * total;
    const scroller = graph.querySelector(".flame-scroller");
    const wanted = ((event.clientY - top) / height) * scroller.scrollHeight - scroller.clientHeight / 2;
    graph.pan((at - (start + end) / 2) / (end - start), wanted - scroller.scrollTop);
  }
}

/** A part of a large tree has its whole, however close it is. */
function sameWhole(tree, before) {
  return before !== null && (tree === before || (tree.family !== undefined && tree.family === before.family));
}

customElements.define("mini-map", MiniMap);
