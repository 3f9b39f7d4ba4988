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

/** The whole is paler than the graph; what is on screen of it is tinted. */
const FADED = 0.7;
const WINDOW_OPACITY = 0.12;
const LINE_PX = 2;

export class MiniMap extends HTMLElement {
  #canvas = element("canvas");
  /**
   * The whole graph, once what is on screen of it moves: that is drawn over a copy. An element of its own would have the page
   * laid out for each step of a wheel.
   */
  #whole = null;
  #strip = null;
  #ink = "";
  #layout = new Layout();
  #drawn = "";
  #tree = null;
  #frame = 0;
  #painting = 0;
  #next = null;
  #place = "";
  #stopTheme = null;

  connectedCallback() {
    this.setAttribute("aria-hidden", "true");
    // Until it is known to be needed: it would push the graph down, and be taken away again.
    this.hidden = true;
    this.replaceChildren(this.#canvas);
    this.#stopTheme = watchTheme(() => this.#later());
    this.addEventListener("pointerdown", (event) => event.button === 0 && this.#press(event));
    this.addEventListener("pointermove", (event) => this.hasPointerCapture(event.pointerId) && this.#go(event));
  }

  disconnectedCallback() {
    this.#stopTheme();
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#painting);
    this.#frame = this.#painting = 0;
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
    this.hidden = !needed(tree.header.whole_nodes ?? tree.length, depths, rowsOf(scroller));
    if (this.hidden) return;
    const strip = { ...stripOf(depths), width: this.clientWidth, upward: graph.view === "flame" };
    this.#canvas.style.blockSize = `${strip.height}px`;
    this.#show(tree, strip, () => frameOf(graph.viewport, tree.total[0], { first: firstRow(scroller, strip.upward), shown: rowsOf(scroller), depths }, strip));
  }

  /**
   * The whole only when it looks different, and then with the graph: one picture less to put on screen. What is on screen of
   * it is asked for then: the strip takes its room from the graph, which has its height when it is drawn.
   */
  #show(tree, strip, shown) {
    const look = `${strip.width} ${strip.height} ${strip.upward} ${this.graph.palette} ${currentTheme()} ${devicePixelRatio}`;
    if (look === this.#drawn && sameWhole(tree, this.#tree)) return this.#paint(shown());
    this.#next = () => {
      this.#drawn = look;
      this.#tree = tree;
      this.#strip = strip;
      this.#whole = null;
      this.#place = "";
      this.#paint(shown());
    };
    this.#painting ||= requestAnimationFrame(() => this.paint());
  }

  /** What was asked for, without waiting for a frame. */
  paint() {
    if (this.#painting === 0) return;
    cancelAnimationFrame(this.#painting);
    this.#painting = 0;
    this.#next();
  }

  #drawWhole(canvas) {
    const { width, height, row, upward } = this.#strip;
    const tree = this.#tree;
    const ratio = devicePixelRatio;
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const context = canvas.getContext("2d", { alpha: false });
    const { fills, surface, middle } = palette(this.graph.palette, currentTheme());
    context.fillStyle = surface;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.globalAlpha = FADED;
    const { colors, byNode } = tree.diff ? { colors: colorNodes(tree), byNode: true } : colorsOf(tree, this.graph.palette);
    const { count, node, left, right } = visibleFrames(tree, { start: 0, end: tree.total[0] }, canvas.width, 0, tree.maxDepth, this.#layout);
    for (let i = 0; i < count; i++) {
      context.fillStyle = fills[middle[colors[byNode ? node[i] : tree.frame[node[i]]]]];
      const top = tree.depth[node[i]] * row * ratio;
      const y = upward ? canvas.height - top - row * ratio : top;
      context.fillRect(left[i], y, right[i] - left[i], Math.max(1, row * ratio));
    }
    this.#ink = getComputedStyle(this).color;
  }

  /** @param {{x: number, y: number, width: number, height: number}} shown px of what is on screen */
  #paint(shown) {
    const place = `${shown.x} ${shown.y} ${shown.width} ${shown.height}`;
    if (place === this.#place) return;
    this.#copyWhole();
    this.#place = place;
    const [x, y, width, height] = [shown.x, shown.y, shown.width, shown.height].map((px) => Math.round(px * devicePixelRatio));
    const line = Math.round(LINE_PX * devicePixelRatio);
    const context = this.#canvas.getContext("2d", { alpha: false });
    context.fillStyle = context.strokeStyle = this.#ink;
    context.globalAlpha = WINDOW_OPACITY;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
    context.lineWidth = line;
    context.strokeRect(x + line / 2, y + line / 2, Math.max(0, width - line), Math.max(0, height - line));
  }

  /** Without what is on screen of it; the first time it is drawn where it is seen, one canvas less. */
  #copyWhole() {
    if (this.#place === "") return this.#drawWhole(this.#canvas);
    if (this.#whole === null) this.#drawWhole((this.#whole = element("canvas")));
    this.#canvas.getContext("2d", { alpha: false }).drawImage(this.#whole, 0, 0);
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

/** @param {HTMLElement} graph a <flame-graph>  @returns {MiniMap} */
export function mapOf(graph) {
  const map = element("mini-map");
  map.follow(graph);
  return map;
}

/** In sight. */
function rowsOf({ clientHeight }) {
  return Math.ceil(clientHeight / rowHeight(devicePixelRatio));
}

/** Rows between the root's edge and what is in sight. */
function firstRow({ scrollTop, scrollHeight, clientHeight }, upward) {
  const px = upward ? scrollHeight - clientHeight - scrollTop : scrollTop;
  return Math.max(0, px / rowHeight(devicePixelRatio));
}

/** A part of a large tree has its whole, however close it is. */
function sameWhole(tree, before) {
  return before !== null && (tree === before || (tree.family !== undefined && tree.family === before.family));
}

customElements.define("mini-map", MiniMap);
