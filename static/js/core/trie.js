/**
 * Builds a tree from stacks that come in any order: equal callees of one caller become one node. What transforms and the
 * sandwich are made with. Typed arrays and one open hash table: a million nodes take tens of milliseconds.
 */

const FIRST_CAPACITY = 1024;
const U32_LIMIT = 2 ** 32;

export class Trie {
  /** @param {number} rootFrame  @param {number} expected about how many nodes will be made */
  constructor(rootFrame, expected = 0) {
    this.length = 1;
    this.#allocate(Math.max(FIRST_CAPACITY, expected));
    this.frame[0] = rootFrame;
    this.cuts = new Map();
    this.#index(2 ** Math.ceil(Math.log2(this.parent.length * 2)));
  }

  /** The node of a frame below a node, made if it is new; numbers grow from callers to callees. */
  child(parent, frame) {
    let slot = this.#slot(parent, frame);
    for (let entry = this.slots[slot]; entry !== 0; entry = this.slots[slot]) {
      if (this.parent[entry] === parent && this.frame[entry] === frame) return entry;
      slot = (slot + 1) & this.mask;
    }
    if (this.length === this.parent.length) {
      this.#grow();
      return this.child(parent, frame);
    }
    const node = this.length++;
    this.parent[node] = parent;
    this.frame[node] = frame;
    this.slots[slot] = node;
    return node;
  }

  /** @param {number} node  @param {number} value  @param {number} count nodes that are not here */
  cut(node, value, count) {
    const before = this.cuts.get(node) ?? { value: 0, count: 0 };
    this.cuts.set(node, { value: before.value + value, count: before.count + count });
  }

  /**
   * The nodes depth first, siblings in the order of `rank`, as columns of a wire message.
   * @param {Uint32Array} rank of each frame
   * @returns {import("./tree.js").Shape}
   */
  shape(rank) {
    const { position, depth } = this.#place(this.#childrenInOrder(rank));
    const { length } = this;
    const shape = { depth: new Uint16Array(length), frame: new Uint32Array(length) };
    const self = new Float64Array(length);
    let total = 0;
    for (let node = 0; node < length; node++) {
      const at = position[node];
      shape.depth[at] = depth[node];
      shape.frame[at] = this.frame[node];
      self[at] = this.self[node];
      total += this.self[node];
    }
    const cuts = [...this.cuts].map(([node, cut]) => ({ node: position[node], ...cut })).sort((a, b) => a.node - b.node);
    for (const { value } of cuts) total += value;
    return {
      ...shape,
      total,
      self: total < U32_LIMIT ? Uint32Array.from(self) : self,
      cut_node: Uint32Array.from(cuts, ({ node }) => node),
      cut_value: Float64Array.from(cuts, ({ value }) => value),
      cut_count: Uint32Array.from(cuts, ({ count }) => count),
    };
  }

  /** Nodes but the root, by parent, then by rank: two counting sorts. */
  #childrenInOrder(rank) {
    const { length, parent, frame } = this;
    const byRank = countingSort(length, (i) => i, (node) => rank[frame[node]], rank.length);
    return countingSort(length, (i) => byRank[i], (node) => (node === 0 ? length : parent[node]), length + 1);
  }

  #place(children) {
    const { length, parent } = this;
    const size = new Uint32Array(length).fill(1);
    for (let node = length - 1; node > 0; node--) size[parent[node]] += size[node];
    const position = new Uint32Array(length);
    const depth = new Uint16Array(length);
    const next = new Uint32Array(length);
    next[0] = 1;
    // Parents come before their children here too: they are numbered lower.
    for (let k = 0; k < length - 1; k++) {
      const node = children[k];
      const above = parent[node];
      position[node] = next[above];
      next[above] += size[node];
      next[node] = position[node] + 1;
      depth[node] = depth[above] + 1;
    }
    return { position, depth };
  }

  #slot(parent, frame) {
    const h = Math.imul(parent, 0x9e3779b1) ^ Math.imul(frame + 1, 0x85ebca6b);
    return (h ^ (h >>> 15)) & this.mask;
  }

  #allocate(capacity) {
    this.parent = new Uint32Array(capacity);
    this.frame = new Uint32Array(capacity);
    this.self = new Float64Array(capacity);
  }

  #grow() {
    const { parent, frame, self } = this;
    this.#allocate(parent.length * 2);
    this.parent.set(parent);
    this.frame.set(frame);
    this.self.set(self);
    this.#index(this.slots.length * 2);
  }

  #index(size) {
    this.slots = new Uint32Array(size);
    this.mask = size - 1;
    for (let node = 1; node < this.length; node++) {
      let slot = this.#slot(this.parent[node], this.frame[node]);
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = node;
    }
  }
}

/** Stable. @returns {Uint32Array} items in the order of their keys, which are below `keys` */
function countingSort(length, item, key, keys) {
  const next = new Uint32Array(keys + 1);
  for (let i = 0; i < length; i++) next[key(item(i)) + 1]++;
  for (let k = 0; k < keys; k++) next[k + 1] += next[k];
  const sorted = new Uint32Array(length);
  for (let i = 0; i < length; i++) sorted[next[key(item(i))]++] = item(i);
  return sorted;
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
