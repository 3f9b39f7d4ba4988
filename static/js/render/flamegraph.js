/**
 * Draws one picture of a flame graph on a 2D canvas. Knows nothing of the page: everything comes with the scene.
 * Frames are sorted by fill before drawing: setting a fill style costs more than drawing a rectangle.
 */

import { Layout, visibleFrames } from "../core/layout.js";
import { MIN_LABEL_CELLS, fit, isPlain, origin, printable } from "../core/labels.js";
import { PLACEHOLDER } from "../core/kinds.js";
import { hatchPattern } from "./hatch.js";
import { markHidden } from "./hidden-matches.js";

const ROW_PX = 18;
const GAP_PX = 1;
const FONT_PX = 12;
const PADDING_PX = 4;
/** Narrower frames touch: a gap would eat them. */
const MIN_GAP_WIDTH_PX = 4;
const OUTLINE_PX = 1.5;
/** Frames this narrow show their kind only. */
const SLIVER_PX = 2;
const MIN_ORIGIN_CELLS = 5;
/** A note goes beside a name only where this much of the name stays. */
const MIN_NOTED_CELLS = 7;

/** Height of a row in CSS px: a whole number of device pixels. @param {number} ratio */
export function rowHeight(ratio) {
  return Math.round(ROW_PX * ratio) / ratio;
}

/**
 * @typedef {object} Scene
 * @property {import("../core/tree.js").Tree} tree
 * @property {import("../core/viewport.js").Viewport} viewport
 * @property {Uint8Array} colors fill of each frame, or of each node (`colorsOf`)  @property {boolean} byNode
 * @property {(node: number) => string} [note] what stands behind a node's name
 * @property {import("../core/colors.js").Palette} palette
 * @property {import("../core/search.js").Matches|null} matches
 * @property {number} focusDepth frames above it are faded
 * @property {boolean} upward flame (root at the bottom) instead of icicle
 * @property {number} scroll px of the content hidden above  @property {number} contentHeight px
 * @property {number} width px  @property {number} height px  @property {number} ratio device pixels per px
 * @property {string} fontFamily
 */

const FULL = 0;
const ANCESTOR = 1;
const UNMATCHED = 2;
/** And on: one shade for each term of the search. */
const MATCHED = 3;

export class FlamePainter {
  #layout = new Layout();
  #style = new Uint16Array(0);
  #order = new Uint32Array(0);
  #cell = { font: "", width: 0 };

  /** @param {CanvasRenderingContext2D} context  @param {Scene} scene */
  paint(context, scene) {
    const rows = new Rows(scene);
    context.fillStyle = scene.palette.surface;
    context.fillRect(0, 0, rows.width, rows.height);
    visibleFrames(scene.tree, scene.viewport, rows.width, rows.firstDepth, rows.lastDepth, this.#layout);
    if (scene.tree.partial) this.#hatchRooms(context, scene, rows);
    this.#styleFrames(scene, rows);
    this.#sortByStyle((MATCHED + scene.palette.marks.length) * scene.palette.fills.length);
    this.#fillFrames(context, scene, rows);
    if (scene.matches) {
      this.#fillMatches(context, scene, rows);
      markHidden(context, scene, rows);
    }
    this.#hatch(context, scene, rows);
    this.#label(context, scene, rows);
  }

  /**
   * Give each entry of the layout its style: a shade, and a fill within it. Slivers have the middle fill of their kind,
   * and those of one style that touch become one entry: they could not be told apart, and there can be a thousand in a row.
   */
  #styleFrames({ tree, colors, byNode, palette, matches, focusDepth }, rows) {
    const { count, node, left, right } = this.#layout;
    const fills = palette.fills.length;
    if (this.#style.length < node.length) {
      this.#style = new Uint16Array(node.length);
      this.#order = new Uint32Array(node.length);
    }
    const styles = this.#style;
    const { frame: frames, depth: depths } = tree;
    let last = -1;
    let lastDepth = -1;
    for (let i = 0; i < count; i++) {
      const frame = frames[node[i]];
      const key = byNode ? node[i] : frame;
      const depth = depths[node[i]];
      const matched = matches === null ? 0 : matches.frames[frame];
      const shade = matches ? UNMATCHED + matched : depth < focusDepth ? ANCESTOR : FULL;
      const sliver = right[i] - left[i] <= rows.sliver;
      const style = shade * fills + (sliver ? palette.middle[colors[key]] : colors[key]);
      if (sliver && matched === 0 && last >= 0 && styles[last] === style && right[last] === left[i] && depth === lastDepth) {
        right[last] = right[i];
        continue;
      }
      last++;
      node[last] = node[i];
      left[last] = left[i];
      right[last] = right[i];
      lastDepth = depth;
      styles[last] = style;
    }
    this.#layout.count = last + 1;
  }

  /** Counting sort: `#order` lists the layout's entries by style. */
  #sortByStyle(styles) {
    const { count } = this.#layout;
    const [style, order] = [this.#style, this.#order];
    const next = new Uint32Array(styles + 1);
    for (let i = 0; i < count; i++) next[style[i] + 1]++;
    for (let s = 0; s < styles; s++) next[s + 1] += next[s];
    for (let i = 0; i < count; i++) order[next[style[i]]++] = i;
  }

  #fillFrames(context, { tree, palette }, rows) {
    const { count, node, left, right } = this.#layout;
    const fills = [...palette.fills, ...palette.ancestors, ...palette.unmatched, ...palette.marks.flatMap((mark) => palette.fills.map(() => mark))];
    const [styles, order] = [this.#style, this.#order];
    const { innerHeight } = rows;
    let style = -1;
    for (let k = 0; k < count; k++) {
      const i = order[k];
      if (styles[i] !== style) {
        style = styles[i];
        context.fillStyle = fills[style];
      }
      context.fillRect(left[i], rows.top(tree.depth[node[i]]), rows.innerWidth(left[i], right[i]), innerHeight);
    }
  }

  /** Matches were filled with the mark's colour; wide ones get their own back inside of it, narrow ones stay easy to find. */
  #fillMatches(context, { tree, palette, colors, byNode }, rows) {
    const { count, node, left, right } = this.#layout;
    const line = Math.round(OUTLINE_PX * rows.ratio);
    const first = MATCHED * palette.fills.length;
    for (let k = count - 1; k >= 0 && this.#style[this.#order[k]] >= first; k--) {
      const i = this.#order[k];
      const width = rows.innerWidth(left[i], right[i]) - 2 * line;
      if (width < line) continue;
      context.fillStyle = palette.fills[colors[byNode ? node[i] : tree.frame[node[i]]]];
      context.fillRect(left[i] + line, rows.top(tree.depth[node[i]]) + line, width, rows.innerHeight - 2 * line);
    }
  }

  /** Placeholders, what has vanished, and the room of callees that the server left out. */
  #hatch(context, { tree, viewport, palette }, rows) {
    const { count, node, left, right } = this.#layout;
    context.fillStyle = hatchPattern(context, palette.hatch, rows.ratio);
    for (let i = 0; i < count; i++) {
      const gone = tree.diff?.of(node[i]).gone;
      if (tree.frames.kind[tree.frame[node[i]]] !== PLACEHOLDER && !gone) continue;
      context.fillRect(left[i], rows.top(tree.depth[node[i]]), rows.innerWidth(left[i], right[i]), rows.innerHeight);
    }
    if (tree.partial) return;
    const scale = rows.width / (viewport.end - viewport.start);
    for (let i = 0; i < tree.cutNode.length; i++) {
      const above = tree.cutNode[i];
      const end = tree.start[above] + tree.total[above] - tree.self[above];
      const from = Math.max(0, Math.round((end - tree.cutValue[i] - viewport.start) * scale));
      const to = Math.min(rows.width, Math.round((end - viewport.start) * scale));
      const depth = tree.depth[above] + 1;
      if (to > from && depth >= rows.firstDepth && depth <= rows.lastDepth) {
        context.fillRect(from, rows.top(depth), rows.innerWidth(from, to), rows.innerHeight);
      }
    }
  }

  /** In a part of a tree what was left out lies between the frames that are there: below them. */
  #hatchRooms(context, { tree, viewport, palette }, rows) {
    const { cutNode, start, total, self, depth: depths } = tree;
    const scale = rows.width / (viewport.end - viewport.start);
    context.fillStyle = hatchPattern(context, palette.hatch, rows.ratio);
    for (let i = 0; i < cutNode.length; i++) {
      const node = cutNode[i];
      const depth = depths[node] + 1;
      if (depth < rows.firstDepth || depth > rows.lastDepth) continue;
      const left = Math.max(0, Math.round((start[node] - viewport.start) * scale));
      const right = Math.min(rows.width, Math.round((start[node] + total[node] - self[node] - viewport.start) * scale));
      if (right - left > rows.sliver) context.fillRect(left, rows.top(depth), right - left, rows.innerHeight);
    }
  }

  /** Names first, then what is dimmer, each in runs of one colour. */
  #label(context, scene, rows) {
    const { count, left, right } = this.#layout;
    const cell = this.#prepareText(context, scene, rows);
    const { text: full, textAncestor, textUnmatched } = scene.palette;
    const inks = [full, textAncestor, textUnmatched, full];
    const dim = [];
    const order = this.#order;
    const narrowest = MIN_LABEL_CELLS * cell + 2 * rows.padding;
    let ink = "";
    for (let k = 0; k < count; k++) {
      const i = order[k];
      if (right[i] - left[i] < narrowest) continue;
      const cells = Math.floor((rows.innerWidth(left[i], right[i]) - 2 * rows.padding) / cell);
      const node = this.#layout.node[i];
      const note = scene.note ? scene.note(node) : "";
      const room = cells >= note.length + MIN_NOTED_CELLS ? cells - note.length - 1 : cells;
      const text = fit(printable(scene.tree.name(node)), room);
      if (text === "") continue;
      const wanted = inks[Math.min(MATCHED, Math.floor(this.#style[i] / scene.palette.fills.length))];
      if (wanted !== ink) context.fillStyle = ink = wanted;
      const x = left[i] + rows.padding;
      const y = rows.top(scene.tree.depth[node]) + rows.baseline;
      write(context, text, x, y, cells * cell);
      if (note !== "" && room < cells) write(context, note, x + (text.length + 1) * cell, y, note.length * cell);
      else if (note === "" && cells - text.length > MIN_ORIGIN_CELLS && ink === full) dim.push(node, x, y, text, cells);
    }
    context.fillStyle = scene.palette.textDim;
    for (let d = 0; d < dim.length; d += 5) this.#labelOrigin(context, scene.tree, cell, dim.slice(d, d + 5));
  }

  #labelOrigin(context, tree, cell, [node, x, y, name, cells]) {
    const room = cells - name.length - 2;
    const text = fit(origin(tree.frameOf(node)), room);
    if (text.length < MIN_ORIGIN_CELLS) return;
    write(context, text, x + (name.length + 2) * cell, y, room * cell);
  }

  /** @returns {number} width of a character cell in device pixels */
  #prepareText(context, { fontFamily }, rows) {
    const font = `${FONT_PX * rows.ratio}px ${fontFamily}`;
    context.font = font;
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.direction = "ltr";
    if (this.#cell.font !== font) this.#cell = { font, width: context.measureText("M".repeat(50)).width / 50 };
    return this.#cell.width;
  }
}

/** Only text whose width we can't know is measured, which is what a maximum width costs. */
function write(context, text, x, y, room) {
  if (isPlain(text)) context.fillText(text, x, y);
  else context.fillText(text, x, y, room);
}

/** Where rows lie, in whole device pixels. */
class Rows {
  constructor({ width, height, ratio, upward, scroll, contentHeight }) {
    this.ratio = ratio;
    this.width = Math.round(width * ratio);
    this.height = Math.round(height * ratio);
    this.row = Math.round(ROW_PX * ratio);
    this.gap = Math.max(1, Math.round(GAP_PX * ratio));
    this.innerHeight = this.row - this.gap;
    this.padding = Math.round(PADDING_PX * ratio);
    this.baseline = Math.round(this.innerHeight / 2 + FONT_PX * ratio * 0.35);
    this.minGapWidth = MIN_GAP_WIDTH_PX * ratio;
    this.sliver = Math.round(SLIVER_PX * ratio);
    this.upward = upward;
    // The edge where the root sits, relative to the top of the picture.
    this.rootEdge = upward ? Math.round((contentHeight - scroll) * ratio) : Math.round(-scroll * ratio);
    const depthAt = (y) => Math.floor((upward ? this.rootEdge - y : y - this.rootEdge) / this.row);
    this.firstDepth = Math.max(0, depthAt(upward ? this.height - 1 : 0));
    this.lastDepth = depthAt(upward ? 0 : this.height - 1);
  }

  top(depth) {
    return this.upward ? this.rootEdge - (depth + 1) * this.row + this.gap : this.rootEdge + depth * this.row;
  }

  innerWidth(left, right) {
    return right - left < this.minGapWidth ? right - left : right - left - this.gap;
  }
}
