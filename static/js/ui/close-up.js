/**
 * Keeps what a graph has of a large tree in line with what is looked at: of a tree that is a part, what the viewport
 * lacks is asked for. One question at a time; the newest view decides what is asked next.
 */

import { reshape } from "../core/tree.js";

/** Asked for on both sides of the viewport, in widths of it: a pan or a step out of a zoom meets frames that are there. */
const BESIDE = 0.5;
/** A part shows a fifth of a pixel; closer by more than this, what it lacks could be seen. */
const CLOSER = 3;
/** Rows opened in the call tree; those opened before may lose their narrow callees. */
const MOST_KEPT = 50;

export class CloseUp {
  #asking = false;
  #kept = { family: null, ranges: [], callees: [] };

  /**
   * @param {HTMLElement} graph a <flame-graph>
   * @param {(closer: import("../core/part.js").Closer) => Promise<import("../core/tree.js").Shape>} ask
   * @param {() => void} onChange other nodes of the same tree are shown
   */
  constructor(graph, ask, onChange) {
    Object.assign(this, { graph, ask, onChange });
  }

  /** The view has moved. */
  async look() {
    const { tree, viewport } = this.graph;
    if (this.#asking || !tree?.partial || !lacks(tree, viewport)) return;
    this.#asking = true;
    try {
      await this.#fetch(around(viewport, tree.total[0]));
    } finally {
      this.#asking = false;
    }
    this.look();
  }

  /**
   * Have a node of the whole tree here, however narrow. @param {import("../core/answers.js").Found} found
   * @returns {Promise<number>} its number, or -1
   */
  async reach({ node, start, end }) {
    const { tree } = this.graph;
    if (!tree.partial || node < 0) return node;
    if (tree.nodeOfPlace(node) < 0) await this.#fetch({ start, end }, node);
    return this.graph.tree.nodeOfPlace(node);
  }

  /** What a node calls, its largest callees however narrow, stays here while others are looked at. @param {number} node */
  async keep(node) {
    const { tree, viewport } = this.graph;
    if (!tree.partial) return;
    if (this.#kept.family !== tree.family) this.#kept = { family: tree.family, ranges: [], callees: [] };
    this.#kept.ranges = [...this.#kept.ranges, { start: tree.start[node], end: tree.start[node] + tree.total[node] }].slice(-MOST_KEPT);
    this.#kept.callees = [...this.#kept.callees, tree.place[node]].slice(-MOST_KEPT);
    await this.#fetch(tree.range ?? viewport);
  }

  async #fetch(range, ...more) {
    const { tree, focusNode, selectedNode } = this.graph;
    const must = [focusNode, selectedNode].filter((node) => node >= 0).map((node) => tree.place[node]);
    const { ranges, callees } = this.#kept.family === tree.family ? this.#kept : { ranges: [], callees: [] };
    const shape = await this.ask({ ranges: [range, ...ranges], must: [...must, ...more], callees });
    // Other steps or another profile may be shown by now; or the same part over all frames, which the answer is about.
    if (this.graph.tree.family !== tree.family) return;
    const part = partLike(this.graph.tree, shape);
    part.range = range;
    this.graph.part = part;
    this.onChange();
  }
}

/** @returns {import("../core/tree.js").Tree} another part of the same whole. @param {import("../core/tree.js").Tree} tree  @param {import("../core/tree.js").Shape} shape */
function partLike(tree, shape) {
  return Object.assign(reshape(tree, shape), { family: tree.family, source: tree.source });
}

function lacks(tree, { start, end }) {
  const range = tree.range ?? { start: 0, end: tree.total[0] };
  const within = start >= range.start && end <= range.end;
  const closest = (end - start) * (1 + 2 * BESIDE) * CLOSER;
  return within ? closest < range.end - range.start : closest < tree.total[0];
}

function around({ start, end }, total) {
  const beside = (end - start) * BESIDE;
  return { start: Math.max(0, start - beside), end: Math.min(total, end + beside) };
}
