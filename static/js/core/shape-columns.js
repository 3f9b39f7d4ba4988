/** Columns of a shape (core/tree.js) whose nodes come depth first. */

const U32_LIMIT = 2 ** 32;
const FIRST_CAPACITY = 1024;

export class ShapeColumns {
  #length = 0;
  #total = 0;
  #columns;

  /** @param {number} expected about how many nodes there will be */
  constructor(expected) {
    this.#columns = columns(Math.max(FIRST_CAPACITY, 2 * expected));
  }

  /** @returns {number} the node */
  add(depth, frame) {
    if (this.#length === this.#columns.depth.length) this.#grow();
    const node = this.#length++;
    this.#columns.depth[node] = depth;
    this.#columns.frame[node] = frame;
    return node;
  }

  /** What a node has itself, and what was cut below it. */
  give(node, self, cutValue, cutCount) {
    this.#columns.self[node] += self;
    this.#columns.cutValue[node] += cutValue;
    this.#columns.cutCount[node] += cutCount;
    this.#total += self + cutValue;
  }

  /** @returns {import("./tree.js").Shape} */
  shape() {
    const length = this.#length;
    const { depth, frame, self, cutValue, cutCount } = this.#columns;
    let cuts = 0;
    for (let node = 0; node < length; node++) if (cutCount[node] > 0) cuts++;
    const [cut_node, cut_value, cut_count] = [new Uint32Array(cuts), new Float64Array(cuts), new Uint32Array(cuts)];
    for (let node = 0, i = 0; i < cuts; node++) {
      if (cutCount[node] === 0) continue;
      cut_node[i] = node;
      cut_value[i] = cutValue[node];
      cut_count[i++] = cutCount[node];
    }
    const own = self.subarray(0, length);
    const total = this.#total;
    return { depth: depth.slice(0, length), frame: frame.slice(0, length), self: total < U32_LIMIT ? new Uint32Array(own) : own.slice(), cut_node, cut_value, cut_count, total };
  }

  #grow() {
    const grown = columns(2 * this.#columns.depth.length);
    for (const [name, column] of Object.entries(this.#columns)) grown[name].set(column);
    this.#columns = grown;
  }
}

function columns(capacity) {
  return {
    depth: new Uint16Array(capacity),
    frame: new Uint32Array(capacity),
    self: new Float64Array(capacity),
    cutValue: new Float64Array(capacity),
    cutCount: new Uint32Array(capacity),
  };
}
