/**
 * Draws one picture of a flame graph on a 2D canvas. Knows nothing of the page: everything comes with the scene.
 * Fills are written as pixels, all of a row at once; only what lies on them is drawn: outlines, hatches, names.
 */

import { Layout, visibleFrames } from "../core/layout.js";
import { MIN_LABEL_CELLS, fit, isPlain, origin, printable } from "../core/labels.js";
import { PLACEHOLDER } from "../core/kinds.js";
import { FramePixels, pixelOf } from "./frame-pixels.js";
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
/** The least step of blue in a pixel. */
const BLUER = 0x010000;

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
  #pixels = new FramePixels();
  #inks = { palette: null, of: null, surface: 0 };
  #cell = { font: "", width: 0 };

  /** @param {CanvasRenderingContext2D} context  @param {Scene} scene */
  paint(context, scene) {
    const rows = new Rows(scene);
    visibleFrames(scene.tree, scene.viewport, rows.width, rows.firstDepth, rows.lastDepth, this.#layout);
    if (this.#layout.count === 0) return this.#clear(context, scene, rows);
    const cell = this.#prepareText(context, scene, rows);
    const seen = this.#fillFrames(scene, rows, MIN_LABEL_CELLS * cell + 2 * rows.padding);
    const rooms = scene.tree.partial ? this.#rooms(scene, rows) : cutRooms(scene, rows);
    this.#drawFrames(context, scene, rows);
    if (scene.matches) {
      this.#fillMatches(context, scene, rows, seen.matched);
      markHidden(context, scene, rows);
    }
    this.#hatch(context, scene, rows, seen.hatched, rooms);
    this.#label(context, scene, rows, seen.wide, cell);
  }

  #clear(context, { palette }, rows) {
    context.fillStyle = palette.surface;
    context.fillRect(0, 0, rows.width, rows.height);
  }

  /**
   * Slivers have the middle fill of their kind: there can be a thousand in a row, and others could not be told apart.
   * @returns {{wide: number[], matched: number[], hatched: number[]}} entries of the layout that have more than a fill
   */
  #fillFrames(scene, rows, narrowest) {
    const { tree, colors, byNode, palette, matches } = scene;
    const { count, node, left, right } = this.#layout;
    const { of: inks, surface } = this.#inksOf(palette);
    const fills = palette.fills.length;
    const [wide, matched, hatched] = [[], [], []];
    this.#pixels.clear(rows.width, rows.count, surface);
    for (let i = 0; i < count; i++) {
      const n = node[i];
      const frame = tree.frame[n];
      const width = right[i] - left[i];
      const fill = colors[byNode ? n : frame];
      const shade = shadeOf(scene, n);
      const ink = inks[shade * fills + (width <= rows.sliver ? palette.middle[fill] : fill)];
      this.#pixels.fill(rows.indexOf(tree.depth[n]), left[i], left[i] + rows.innerWidth(left[i], right[i]), ink);
      if (width >= narrowest) wide.push(i);
      if (matches !== null && shade >= MATCHED) matched.push(i);
      if (tree.frames.kind[frame] === PLACEHOLDER || tree.diff?.of(n).gone) hatched.push(i);
    }
    return { wide, matched, hatched };
  }

  /** Pixels of each shade's fills, made once per palette. One like the surface would pass for a hole: it is a little bluer. */
  #inksOf(palette) {
    if (this.#inks.palette !== palette) {
      const all = [...palette.fills, ...palette.ancestors, ...palette.unmatched, ...palette.marks.flatMap((mark) => palette.fills.map(() => mark))];
      const surface = pixelOf(palette.surface);
      const of = Uint32Array.from(all, (fill) => (pixelOf(fill) === surface ? (surface ^ BLUER) >>> 0 : pixelOf(fill)));
      this.#inks = { palette, of, surface };
    }
    return this.#inks;
  }

  #drawFrames(context, { palette }, rows) {
    // Some browsers let people scroll beyond the ends.
    if (rows.first > 0 || rows.first + rows.count * rows.row < rows.height) this.#clear(context, { palette }, rows);
    this.#pixels.draw(context, rows);
  }

  /** Matches were filled with the mark's colour; wide ones get their own back inside of it, narrow ones stay easy to find. */
  #fillMatches(context, { tree, palette, colors, byNode }, rows, matched) {
    const { node, left, right } = this.#layout;
    const line = Math.round(OUTLINE_PX * rows.ratio);
    for (const i of matched) {
      const width = rows.innerWidth(left[i], right[i]) - 2 * line;
      if (width < line) continue;
      context.fillStyle = palette.fills[colors[byNode ? node[i] : tree.frame[node[i]]]];
      context.fillRect(left[i] + line, rows.top(tree.depth[node[i]]) + line, width, rows.innerHeight - 2 * line);
    }
  }

  /** Placeholders, what has vanished, and the room of callees that the server left out. */
  #hatch(context, { tree, palette }, rows, hatched, rooms) {
    const { node, left, right } = this.#layout;
    context.fillStyle = hatchPattern(context, palette.hatch, rows.ratio);
    for (const i of hatched) context.fillRect(left[i], rows.top(tree.depth[node[i]]), rows.innerWidth(left[i], right[i]), rows.innerHeight);
    for (const { depth, from, to } of rooms) context.fillRect(from, rows.top(depth), to - from, rows.innerHeight);
  }

  /** In a part of a tree what was left out lies between the frames that are there. */
  #rooms({ tree, viewport }, rows) {
    const { cutNode, cutValue, start, total, self, depth: depths } = tree;
    const scale = rows.width / (viewport.end - viewport.start);
    const least = rows.sliver / scale;
    const rooms = [];
    for (let i = 0; i < cutNode.length; i++) {
      if (cutValue[i] < least) continue;
      const node = cutNode[i];
      const depth = depths[node] + 1;
      if (depth < rows.firstDepth || depth > rows.lastDepth) continue;
      const from = Math.max(0, Math.round((start[node] - viewport.start) * scale));
      const to = Math.min(rows.width, Math.round((start[node] + total[node] - self[node] - viewport.start) * scale));
      if (to - from <= rows.sliver) continue;
      this.#pixels.holes(rows.indexOf(depth), from, to, (left, right) => right - left > rows.sliver && rooms.push({ depth, from: left, to: right }));
    }
    return rooms;
  }

  /** Names first, then what is dimmer. */
  #label(context, scene, rows, wide, cell) {
    const { left, right, node: nodes } = this.#layout;
    const { text: full, textAncestor, textUnmatched, textDim } = scene.palette;
    const inks = [full, textAncestor, textUnmatched, full];
    const dim = [];
    let ink = "";
    for (const i of wide) {
      const cells = Math.floor((rows.innerWidth(left[i], right[i]) - 2 * rows.padding) / cell);
      const node = nodes[i];
      const note = scene.note ? scene.note(node) : "";
      const room = cells >= note.length + MIN_NOTED_CELLS ? cells - note.length - 1 : cells;
      const text = fit(printable(scene.tree.name(node)), room);
      if (text === "") continue;
      const wanted = inks[Math.min(MATCHED, shadeOf(scene, node))];
      if (wanted !== ink) context.fillStyle = ink = wanted;
      const x = left[i] + rows.padding;
      const y = rows.top(scene.tree.depth[node]) + rows.baseline;
      write(context, text, x, y, cells * cell);
      if (note !== "" && room < cells) write(context, note, x + (text.length + 1) * cell, y, note.length * cell);
      else if (note === "" && cells - text.length > MIN_ORIGIN_CELLS && wanted === full) dim.push([node, x, y, text, cells]);
    }
    context.fillStyle = textDim;
    for (const label of dim) this.#labelOrigin(context, scene.tree, cell, label);
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

/** @returns {number} FULL, ANCESTOR, UNMATCHED, or MATCHED and on */
function shadeOf({ tree, matches, focusDepth }, node) {
  if (matches !== null) return UNMATCHED + matches.frames[tree.frame[node]];
  return tree.depth[node] < focusDepth ? ANCESTOR : FULL;
}

/** Where callees lie that the server left out: to the right of those that are there. */
function cutRooms({ tree, viewport }, rows) {
  const scale = rows.width / (viewport.end - viewport.start);
  const rooms = [];
  for (let i = 0; i < tree.cutNode.length; i++) {
    const above = tree.cutNode[i];
    const end = tree.start[above] + tree.total[above] - tree.self[above];
    const from = Math.max(0, Math.round((end - tree.cutValue[i] - viewport.start) * scale));
    const to = Math.min(rows.width, Math.round((end - viewport.start) * scale));
    const depth = tree.depth[above] + 1;
    if (to > from && depth >= rows.firstDepth && depth <= rows.lastDepth) rooms.push({ depth, from, to: from + rows.innerWidth(from, to) });
  }
  return rooms;
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
    /** Rows on screen, and where the uppermost begins; the gap is on the side away from the root. */
    this.count = this.lastDepth - this.firstDepth + 1;
    this.first = upward ? this.rootEdge - (this.lastDepth + 1) * this.row : this.top(this.firstDepth);
    this.gapTop = upward ? 0 : this.innerHeight;
  }

  /** From the top of the picture. @param {number} depth */
  indexOf(depth) {
    return this.upward ? this.lastDepth - depth : depth - this.firstDepth;
  }

  top(depth) {
    return this.upward ? this.rootEdge - (depth + 1) * this.row + this.gap : this.rootEdge + depth * this.row;
  }

  innerWidth(left, right) {
    return right - left < this.minGapWidth ? right - left : right - left - this.gap;
  }
}
