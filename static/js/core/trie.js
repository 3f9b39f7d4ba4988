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
    this.cutValue = this.cutCount = null;
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
    if (this.cutValue === null || this.cutValue.length < this.parent.length) this.#roomForCuts();
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
    const { position, depth } = this.#order(rank);
    const { length } = this;
    const shape = { depth: new Uint16Array(length), frame: new Uint32Array(length) };
    const self = new Float64Array(length);
    let total = 0;
    for (let node = 0; node < length; node++) {
      const at = position === null ? node : position[node];
      shape.depth[at] = depth[node];
      shape.frame[at] = this.frame[node];
      self[at] = this.self[node];
      total += this.self[node];
    }
    const cuts = this.#cutsAt(position);
    for (const value of cuts.cut_value) total += value;
    return { ...shape, ...cuts, total, self: total < U32_LIMIT ? Uint32Array.from(self) : self };
  }

  /** Columns of what was cut, by place. */
  #cutsAt(position) {
    const { length, cutValue, cutCount } = this;
    const known = cutCount === null ? 0 : Math.min(length, cutCount.length);
    const [value, hidden] = [new Float64Array(known && length), new Uint32Array(known && length)];
    let count = 0;
    for (let node = 0; node < known; node++) {
      if (cutCount[node] === 0) continue;
      const at = position === null ? node : position[node];
      value[at] = cutValue[node];
      hidden[at] = cutCount[node];
      count++;
    }
    const cuts = { cut_node: new Uint32Array(count), cut_value: new Float64Array(count), cut_count: new Uint32Array(count) };
    for (let at = 0, i = 0; i < count; at++) {
      if (hidden[at] === 0) continue;
      cuts.cut_node[i] = at;
      cuts.cut_value[i] = value[at];
      cuts.cut_count[i++] = hidden[at];
    }
    return cuts;
  }

  /** Place (null: as they are) and depth of each node, depth first, siblings by rank. */
  #order(rank) {
    const { length, parent } = this;
    const depth = new Uint16Array(length);
    let deepest = 0;
    for (let node = 1; node < length; node++) {
      depth[node] = depth[parent[node]] + 1;
      if (depth[node] > deepest) deepest = depth[node];
    }
    const position = this.#inOrder(rank, depth, deepest) ? null : this.#place(this.#childrenInOrder(rank));
    return { position, depth };
  }

  /** Steps that leave out whole stacks make their nodes in the order in which they met them: there is nothing to sort. */
  #inOrder(rank, depth, deepest) {
    const { length, parent, frame } = this;
    const open = new Uint32Array(deepest + 2);
    const last = new Int32Array(deepest + 2).fill(-1);
    for (let node = 1; node < length; node++) {
      const d = depth[node];
      if (d > depth[node - 1] + 1 || open[d - 1] !== parent[node] || rank[frame[node]] <= last[d]) return false;
      open[d] = node;
      last[d] = rank[frame[node]];
      last[d + 1] = -1;
    }
    return true;
  }

  /** Nodes but the root, by parent, then by rank: two counting sorts, written out because a call for each node costs more. */
  #childrenInOrder(rank) {
    const { length, parent, frame } = this;
    const byRank = new Uint32Array(length);
    const ranks = new Uint32Array(rank.length + 1);
    for (let node = 0; node < length; node++) ranks[rank[frame[node]] + 1]++;
    for (let k = 0; k < rank.length; k++) ranks[k + 1] += ranks[k];
    for (let node = 0; node < length; node++) byRank[ranks[rank[frame[node]]]++] = node;
    const next = new Uint32Array(length + 1);
    for (let node = 1; node < length; node++) next[parent[node] + 1]++;
    for (let node = 0; node < length; node++) next[node + 1] += next[node];
    const children = new Uint32Array(length);
    for (let i = 0; i < length; i++) if (byRank[i] !== 0) children[next[parent[byRank[i]]]++] = byRank[i];
    return children;
  }

  #place(children) {
    const { length, parent } = this;
    const size = new Uint32Array(length).fill(1);
    for (let node = length - 1; node > 0; node--) size[parent[node]] += size[node];
    const position = new Uint32Array(length);
    const next = new Uint32Array(length);
    next[0] = 1;
    // Parents come before their children here too: they are numbered lower.
    for (let k = 0; k < length - 1; k++) {
      const node = children[k];
      const above = parent[node];
      position[node] = next[above];
      next[above] += size[node];
      next[node] = position[node] + 1;
    }
    return position;
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

  #roomForCuts() {
    const [value, count] = [new Float64Array(this.parent.length), new Uint32Array(this.parent.length)];
    if (this.cutValue !== null) {
      value.set(this.cutValue);
      count.set(this.cutCount);
    }
    this.cutValue = value;
    this.cutCount = count;
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
