/** The rows of a call tree: nodes that are open show their callees, in an order of core/call-order.js. */

import { callOrder, weightOf } from "./call-order.js";

/** A path is opened as long as one callee has at least this share of its caller: where the time is can be read at once. */
const MAIN_SHARE = 0.5;

export class CallRows {
  #open = new Set([0]);
  #rows = null;
  #sorted = new Map();

  /**
   * @param {import("./tree.js").Tree} tree  @param {CallRows|null} [before] of another part of the same whole: what was open stays so
   * @param {string} [sort] core/call-order.js
   */
  constructor(tree, before = null, sort = "") {
    this.tree = tree;
    this.sort = sort;
    if (before === null) this.#openMainPath(0);
    else for (const node of before.#open) this.#open.add(tree.nodeOfPlace(before.tree.place[node]));
  }

  /** @returns {number[]} nodes from top to bottom */
  get rows() {
    return (this.#rows ??= this.#list());
  }

  /** List in another order; what is open stays so. @param {string} sort */
  order(sort) {
    if (sort === this.sort) return;
    this.sort = sort;
    this.#sorted.clear();
    this.#rows = null;
  }

  isOpen(node) {
    return this.#open.has(node);
  }

  hasCallees(node) {
    return this.tree.end[node] > node + 1 || this.hasMore(node);
  }

  /** Whether a node calls more than is here, and who has the whole can tell. */
  hasMore(node) {
    return this.tree.partial && this.tree.cutBelow(node).count > 0;
  }

  /** @param {number} node  @param {boolean} open  @returns {boolean} whether that changed anything */
  setOpen(node, open) {
    if (this.isOpen(node) === open || !this.hasCallees(node)) return false;
    if (open) this.#open.add(node);
    else this.#open.delete(node);
    this.#rows = null;
    return true;
  }

  /** Open all that lies above a node. @returns {number} its row */
  reveal(node) {
    for (let at = node; at !== 0; ) this.setOpen((at = this.tree.parent[at]), true);
    return this.rows.indexOf(node);
  }

  /** Place among its caller's callees, from 1, and how many they are. */
  placeOf(node) {
    if (node === 0) return { place: 1, of: 1 };
    const siblings = this.#calleesOf(this.tree.parent[node]);
    return { place: siblings.indexOf(node) + 1, of: siblings.length };
  }

  #openMainPath(node) {
    const weight = weightOf(this.tree);
    for (let at = node; ; ) {
      const largest = this.#callees(at).reduce((best, callee) => (best === null || weight(callee) > weight(best) ? callee : best), null);
      if (largest === null || !(weight(largest) > 0)) return;
      if (at !== 0 && weight(largest) < weight(at) * MAIN_SHARE) return;
      this.#open.add(at);
      at = largest;
    }
  }

  #list() {
    const rows = [];
    const waiting = [0];
    while (waiting.length > 0) {
      const node = waiting.pop();
      rows.push(node);
      if (!this.isOpen(node)) continue;
      const callees = this.#calleesOf(node);
      for (let i = callees.length - 1; i >= 0; i--) waiting.push(callees[i]);
    }
    return rows;
  }

  #calleesOf(node) {
    if (!this.#sorted.has(node)) this.#sorted.set(node, this.#callees(node).sort(callOrder(this.tree, this.sort)));
    return this.#sorted.get(node);
  }

  #callees(node) {
    const { end } = this.tree;
    const callees = [];
    for (let child = node + 1; child < end[node]; child = end[child]) callees.push(child);
    return callees;
  }
}
