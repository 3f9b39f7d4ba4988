/**
 * The visible part of `<flame-graph>`: canvas in a scroller, outlines above it, painting once per animation frame.
 *
 * The canvas is as large as the scroller and sticks to it; a content box as high as the whole graph gives the scroll bar.
 */

import { NONE } from "../core/flame-view.js";
import { mix } from "../core/viewport.js";
import { FlamePainter, rowHeight } from "../render/flamegraph.js";
import { element } from "./element.js";

const ZOOM_MS = 120;
/** Frames further apart than this stutter. A machine that cannot do better gets the new picture at once, from then on. */
const SMOOTH_FRAME_MS = 25;
/** The first frame of a motion has moved already. */
const FIRST_FRAME_MS = 16;
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export class FlameStage {
  /** What is on screen: the state's viewport, or on the way to it. */
  #shown = null;
  #motion = null;
  #frame = 0;
  #smooth = true;
  #painter = new FlamePainter();
  #outlined = { hover: NONE, selected: NONE };
  #rootInView = false;
  /** As the page's style has it when the canvas gets its size. */
  #fontFamily = "";
  /** Px of the graph below what is on screen. */
  #below = 0;

  /**
   * @param {import("../core/flame-view.js").FlameView} state
   * @param {() => {colors: Uint8Array, byNode: boolean, palette: object, upward: boolean, note?: (node: number) => string}} look
   */
  constructor(state, look) {
    this.state = state;
    this.look = look;
    this.canvas = element("canvas", { tabIndex: 0, role: "application", "aria-roledescription": "flame graph" });
    this.outlines = {
      hover: element("div", { class: "flame-outline hover", hidden: true }),
      selected: element("div", { class: "flame-outline selected", hidden: true }),
    };
    this.content = element("div", { class: "flame-content" }, this.canvas, ...Object.values(this.outlines));
    this.scroller = element("div", { class: "flame-scroller", onscroll: () => this.invalidate() }, this.content);
    this.context = this.canvas.getContext("2d", { alpha: false });
  }

  invalidate() {
    this.#frame ||= requestAnimationFrame((now) => this.#paint(now));
  }

  /** What was asked for, without waiting for a frame. */
  paint() {
    if (this.#frame === 0) return;
    cancelAnimationFrame(this.#frame);
    this.#paint(performance.now());
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** The tree's root belongs on screen first: at the bottom of a flame. */
  showRoot() {
    this.#rootInView = false;
    this.invalidate();
  }

  /** Move to the state's viewport; jump where motion is unwanted or would stutter. */
  glide() {
    if (this.#shown && this.#smooth && !still.matches) {
      const since = performance.now() - FIRST_FRAME_MS;
      this.#motion = { from: this.#shown, since, last: performance.now() };
    }
    this.invalidate();
  }

  /** The element's size may have changed: paint only if what is on the canvas does not fit. */
  resized() {
    const { width, height } = this.canvas;
    const size = this.#deviceSize();
    if (size.width === width && size.height === height) return;
    // What was at the bottom of a flame stays there.
    const below = this.#below;
    if (this.look().upward && this.state.tree !== null) {
      this.#fitContent();
      this.scroller.scrollTop = this.#contentHeight() - this.scroller.clientHeight - below;
    }
    this.jump();
  }

  jump() {
    this.#motion = null;
    this.invalidate();
  }

  /** @param {"hover"|"selected"} which  @param {number} node or NONE */
  outline(which, node) {
    this.#outlined[which] = node;
    this.#placeOutline(which);
  }

  get rowHeight() {
    return rowHeight(devicePixelRatio);
  }

  /** @param {number} clientX  @param {number} clientY  @returns {number} node or NONE */
  nodeAt(clientX, clientY) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    const y = clientY - top + this.scroller.scrollTop;
    const depth = Math.floor((this.look().upward ? this.#contentHeight() - y : y) / this.rowHeight);
    return this.state.nodeAt(depth, (clientX - left) / width);
  }

  /** @param {number} node  @returns {{x: number, y: number, width: number, height: number}} px from the content's corner */
  rectOf(node) {
    const { tree, viewport } = this.state;
    const scale = this.scroller.clientWidth / (viewport.end - viewport.start);
    const row = this.rowHeight;
    const y = this.look().upward ? this.#contentHeight() - (tree.depth[node] + 1) * row : tree.depth[node] * row;
    return { x: (tree.start[node] - viewport.start) * scale, y, width: tree.total[node] * scale, height: row };
  }

  /** Scroll as little as needed for the row to be in view. @param {number} node */
  scrollTo(node) {
    this.#fitContent();
    const { y, height } = this.rectOf(node);
    const { scrollTop, clientHeight } = this.scroller;
    const lowest = y + 2 * height - clientHeight;
    this.scroller.scrollTop = Math.max(lowest, Math.min(scrollTop, y - height));
    this.invalidate();
  }

  #paint(now) {
    this.#frame = 0;
    const { scroller, canvas, state } = this;
    if (state.tree === null || scroller.clientWidth === 0) return;
    this.#fitContent();
    this.#advance(now);
    const { width, height } = this.#deviceSize();
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      this.#fontFamily = getComputedStyle(canvas).fontFamily;
      canvas.style.height = `${scroller.clientHeight}px`;
    }
    const scene = this.#scene();
    this.#painter.paint(this.context, scene);
    this.#below = scene.contentHeight - scene.scroll - scene.height;
    for (const which of ["hover", "selected"]) this.#placeOutline(which);
    if (this.#motion) this.invalidate();
  }

  #deviceSize() {
    const { clientWidth, clientHeight } = this.scroller;
    return { width: Math.round(clientWidth * devicePixelRatio), height: Math.round(clientHeight * devicePixelRatio) };
  }

  #scene() {
    const { tree, matches, focus } = this.state;
    const { colors, byNode, palette, upward, note } = this.look();
    return {
      tree,
      matches,
      colors,
      byNode,
      note,
      palette,
      upward,
      viewport: this.#shown,
      focusDepth: tree.depth[focus],
      scroll: this.scroller.scrollTop,
      contentHeight: this.#contentHeight(),
      width: this.scroller.clientWidth,
      height: this.scroller.clientHeight,
      ratio: devicePixelRatio,
      fontFamily: this.#fontFamily,
    };
  }

  /** Ease out: most of the way at once, then slower. */
  #advance(now) {
    if (this.#motion) {
      this.#smooth = now - this.#motion.last <= SMOOTH_FRAME_MS;
      this.#motion.last = now;
      const t = this.#smooth ? Math.min(1, Math.max(0, now - this.#motion.since) / ZOOM_MS) : 1;
      this.#shown = mix(this.#motion.from, this.state.viewport, 1 - (1 - t) ** 3);
      if (t < 1) return;
      this.#motion = null;
    }
    this.#shown = this.state.viewport;
  }

  #contentHeight() {
    return Math.max(this.scroller.clientHeight, (this.state.deepest + 2) * this.rowHeight);
  }

  /** A flame grows upwards: its distance from the bottom stays, where an icicle's distance from the top does. */
  #fitContent() {
    const height = `${this.#contentHeight()}px`;
    if (this.content.style.height === height && this.#rootInView) return;
    const { upward } = this.look();
    const below = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.content.style.height = height;
    if (!this.#rootInView) this.scroller.scrollTop = upward ? this.scroller.scrollHeight : 0;
    else if (upward) this.scroller.scrollTop = this.scroller.scrollHeight - below;
    this.#rootInView = true;
  }

  #placeOutline(which) {
    const [outline, node] = [this.outlines[which], this.#outlined[which]];
    const none = node === NONE || this.state.empty;
    if (none && outline.hidden) return;
    outline.hidden = none;
    if (none) return;
    const { x, y, width, height } = this.rectOf(node);
    const limit = this.scroller.clientWidth;
    const left = Math.max(0, x);
    const right = Math.min(limit, x + width);
    outline.hidden = right < 0 || left > limit;
    outline.style.transform = `translate(${left}px, ${y}px)`;
    outline.style.width = `${Math.max(3, right - left)}px`;
    outline.style.height = `${height - 1}px`;
  }
}
