/**
 * Builds a tree from stacks that come in any order: equal callees of one caller become one node. What transforms and the
 * sandwich are made with.
 *
 * Typed arrays, each node linked to its first child and its next sibling: what is looked for is mostly near, and memory
 * that is far away is what building a million nodes waits for. Only callees beyond a caller's first few are in a hash table.
 */

const FIRST_CAPACITY = 1024;
const FIRST_SLOTS = 256;
const U32_LIMIT = 2 ** 32;
/** So many callees are looked through one by one. */
const FEW = 8;

export class Trie {
  #slots = new Uint32Array(0);
  #used = 0;

  /** @param {number} rootFrame  @param {number} expected about how many nodes will be made */
  constructor(rootFrame, expected = 0) {
    this.length = 1;
    this.#allocate(Math.max(FIRST_CAPACITY, expected));
    this.frame[0] = rootFrame;
    this.cutValue = this.cutCount = null;
    /** Of a chart: the node that each node of the tree before gave its own value to, below 0 for none (core/chart-steps.js). */
    this.placed = null;
  }

  /** The node of a frame below a node, made if it is new; numbers grow from callers to callees. */
  child(parent, frame) {
    const { first, next, frame: frames } = this;
    let last = 0;
    let seen = 0;
    for (let node = first[parent]; node !== 0; node = next[node]) {
      if (frames[node] === frame) return node;
      last = node;
      if (++seen === FEW) return this.#hashed(parent, frame, last);
    }
    return this.#make(parent, frame, last);
  }

  #make(parent, frame, after) {
    if (this.length === this.capacity) this.#grow();
    const node = this.length++;
    this.parent[node] = parent;
    this.frame[node] = frame;
    if (after === 0) this.first[parent] = node;
    else {
      this.next[node] = this.next[after];
      this.next[after] = node;
    }
    return node;
  }

  get capacity() {
    return this.self.length;
  }

  /** Of the callees beyond the first few, which stand right after them. */
  #hashed(parent, frame, after) {
    if ((this.#used + 1) * 2 > this.#slots.length) this.#rehash();
    const mask = this.#slots.length - 1;
    let slot = hash(parent, frame) & mask;
    for (let node = this.#slots[slot]; node !== 0; node = this.#slots[slot]) {
      if (this.parent[node] === parent && this.frame[node] === frame) return node;
      slot = (slot + 1) & mask;
    }
    this.#used++;
    return (this.#slots[slot] = this.#make(parent, frame, after));
  }

  #rehash() {
    const before = this.#slots;
    this.#slots = new Uint32Array(Math.max(FIRST_SLOTS, before.length * 2));
    const mask = this.#slots.length - 1;
    for (const node of before) {
      if (node === 0) continue;
      let slot = hash(this.parent[node], this.frame[node]) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = node;
    }
  }

  /** @param {number} node  @param {number} value  @param {number} count nodes that are not here */
  cut(node, value, count) {
    if (this.cutValue === null || this.cutValue.length < this.capacity) this.#roomForCuts();
    this.cutValue[node] += value;
    this.cutCount[node] += count;
  }

  /** What was cut below some nodes becomes their own value. @param {(node: number) => boolean} which */
  ownCuts(which) {
    for (let node = 0; this.cutCount !== null && node < Math.min(this.length, this.cutCount.length); node++) {
      if (this.cutCount[node] === 0 || !which(node)) continue;
      this.self[node] += this.cutValue[node];
      this.cutValue[node] = this.cutCount[node] = 0;
    }
  }

  /**
   * The nodes depth first, siblings in the order of `rank`, as columns of a wire message.
   * @param {Uint32Array} rank of each frame
   * @returns {import("./tree.js").Shape}
   */
  shape(rank) {
    this.#sortSiblings(rank);
    const { length, parent, first, next } = this;
    const shape = { depth: new Uint16Array(length), frame: new Uint32Array(length) };
    const self = new Float64Array(length);
    const cuts = new CutColumns(this);
    const numbers = this.placed && new Int32Array(length);
    let total = 0;
    for (let node = 0, at = 0, depth = 0; at < length; at++) {
      shape.depth[at] = depth;
      shape.frame[at] = this.frame[node];
      self[at] = this.self[node];
      total += self[at];
      cuts.take(node, at);
      if (numbers) numbers[node] = at;
      if (first[node] !== 0) {
        node = first[node];
        depth++;
        continue;
      }
      while (node !== 0 && next[node] === 0) {
        node = parent[node];
        depth--;
      }
      node = next[node];
    }
    const cut = cuts.columns();
    for (const value of cut.cut_value) total += value;
    const moved = numbers && { moved: this.placed.map((node) => (node < 0 ? node : numbers[node])) };
    return { ...shape, ...cut, ...moved, total, self: total < U32_LIMIT ? new Uint32Array(self) : self };
  }

  /** Most callers have one callee, or were given theirs in order. */
  #sortSiblings(rank) {
    const { length, first, next, frame } = this;
    const byRank = new Uint32Array(rank.length);
    const ranks = new Uint32Array(rank.length);
    for (let node = 0; node < length; node++) {
      let child = first[node];
      if (child === 0) continue;
      while (next[child] !== 0 && rank[frame[child]] < rank[frame[next[child]]]) child = next[child];
      if (next[child] === 0) continue;
      let count = 0;
      for (child = first[node]; child !== 0; child = next[child]) {
        ranks[count] = rank[frame[child]];
        byRank[ranks[count++]] = child;
      }
      sort(ranks, count);
      first[node] = byRank[ranks[0]];
      for (let i = 0; i < count; i++) next[byRank[ranks[i]]] = i + 1 < count ? byRank[ranks[i + 1]] : 0;
    }
  }

  #allocate(capacity) {
    for (const name of ["parent", "frame", "first", "next"]) this[name] = new Uint32Array(capacity);
    this.self = new Float64Array(capacity);
  }

  #grow() {
    const { parent, frame, first, next, self } = this;
    this.#allocate(self.length * 2);
    for (const [name, column] of Object.entries({ parent, frame, first, next, self })) this[name].set(column);
  }

  #roomForCuts() {
    const [value, count] = [new Float64Array(this.capacity), new Uint32Array(this.capacity)];
    if (this.cutValue !== null) {
      value.set(this.cutValue);
      count.set(this.cutCount);
    }
    this.cutValue = value;
    this.cutCount = count;
  }
}

/** What was cut, by place, as columns of a wire message. */
class CutColumns {
  #count = 0;

  constructor({ length, cutValue, cutCount }) {
    Object.assign(this, { cutValue, cutCount });
    this.known = cutCount === null ? 0 : Math.min(length, cutCount.length);
    const all = this.known === 0 ? 0 : length;
    this.found = { cut_node: new Uint32Array(all), cut_value: new Float64Array(all), cut_count: new Uint32Array(all) };
  }

  take(node, at) {
    if (node >= this.known || this.cutCount[node] === 0) return;
    this.found.cut_node[this.#count] = at;
    this.found.cut_value[this.#count] = this.cutValue[node];
    this.found.cut_count[this.#count++] = this.cutCount[node];
  }

  columns() {
    return Object.fromEntries(Object.entries(this.found).map(([name, column]) => [name, column.slice(0, this.#count)]));
  }
}

function hash(parent, frame) {
  const h = Math.imul(parent, 0x9e3779b1) ^ Math.imul(frame + 1, 0x85ebca6b);
  return h ^ (h >>> 15);
}

/** The first `count` numbers of a column; few are sorted faster without a call. */
function sort(column, count) {
  if (count > FEW) {
    column.subarray(0, count).sort();
    return;
  }
  for (let i = 1; i < count; i++) {
    const value = column[i];
    let at = i;
    for (; at > 0 && column[at - 1] > value; at--) column[at] = column[at - 1];
    column[at] = value;
  }
}

/**
 * Where each frame stands among its siblings: by name, as the server sorts them.
 * @param {{frames: {length: number, name: Uint32Array}, strings: string[]}} tree or what will be one
 */
export function rankFrames({ frames, strings }) {
  const order = Uint32Array.from({ length: frames.length }, (_, f) => f);
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  order.sort((a, b) => compare(strings[frames.name[a]], strings[frames.name[b]]) || a - b);
  const rank = new Uint32Array(frames.length);
  order.forEach((f, i) => (rank[f] = i));
  return rank;
}
