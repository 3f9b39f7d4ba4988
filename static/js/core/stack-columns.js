/** Stacks on their way outwards, as columns: where each is, its value, and what decides whether it is followed. */

/** So many are sorted where they are. */
const FEW = 24;

export class StackColumns {
  #tree;
  #rank;
  #frames;
  #counts;
  #ranks;
  #spare;

  /**
   * @param {import("./tree.js").Tree} tree  @param {ArrayLike<number>} nodes where the stacks begin
   * @param {{values: ArrayLike<number>, weights: ArrayLike<number>, rank: Uint32Array}} wanted core/callers.js
   */
  constructor(tree, nodes, { values, weights, rank }) {
    this.#tree = tree;
    this.#rank = rank;
    this.#frames = new Uint32Array(rank.length);
    rank.forEach((place, frame) => (this.#frames[place] = frame));
    this.#counts = new Uint32Array(rank.length);
    this.#ranks = new Uint32Array(rank.length);
    const { length } = nodes;
    /** The node that each stack has come to; 0: it has ended. */
    this.at = new Uint32Array(nodes);
    this.value = picked(nodes, values);
    this.weight = weights === values ? this.value : picked(nodes, weights);
    /** Rank of the frame that was left last. */
    this.key = new Uint32Array(length);
    this.#spare = { at: new Uint32Array(length), value: new Float64Array(length), weight: new Float64Array(length), key: new Uint32Array(length) };
  }

  /** @param {number} rank  @returns {number} the frame that has it */
  frameAt(rank) {
    return this.#frames[rank];
  }

  /** Each stack goes on to its caller. */
  leave() {
    const { at } = this;
    const { parent } = this.#tree;
    for (let i = 0; i < at.length; i++) at[i] = parent[at[i]];
  }

  /** @param {number} from  @param {number} to no further right */
  move(from, to) {
    if (from === to) return;
    this.at[to] = this.at[from];
    this.value[to] = this.value[from];
    this.weight[to] = this.weight[from];
  }

  /** The stacks from `first` up to `end` leave the frames they are at, by whose rank they are sorted. */
  climb(first, end) {
    const { at, key } = this;
    const { frame, parent } = this.#tree;
    for (let i = first; i < end; i++) {
      key[i] = this.#rank[frame[at[i]]];
      at[i] = parent[at[i]];
    }
    if (end - first <= FEW) this.#insert(first, end);
    else this.#count(first, end);
  }

  #insert(first, end) {
    const { at, value, weight, key } = this;
    for (let i = first + 1; i < end; i++) {
      const k = key[i];
      if (key[i - 1] <= k) continue;
      const [a, v, w] = [at[i], value[i], weight[i]];
      let to = i;
      for (; to > first && key[to - 1] > k; to--) {
        key[to] = key[to - 1];
        at[to] = at[to - 1];
        value[to] = value[to - 1];
        weight[to] = weight[to - 1];
      }
      key[to] = k;
      at[to] = a;
      value[to] = v;
      weight[to] = w;
    }
  }

  #count(first, end) {
    const { key } = this;
    const [counts, ranks] = [this.#counts, this.#ranks];
    let different = 0;
    for (let i = first; i < end; i++) if (counts[key[i]]++ === 0) ranks[different++] = key[i];
    ranks.subarray(0, different).sort();
    for (let i = 0, next = first; i < different; i++) {
      const count = counts[ranks[i]];
      counts[ranks[i]] = next;
      next += count;
    }
    this.#scatter(first, end);
    for (let i = 0; i < different; i++) counts[ranks[i]] = 0;
  }

  /** Each stack to the next place of its rank. */
  #scatter(first, end) {
    const { at, value, weight, key } = this;
    const [spare, next] = [this.#spare, this.#counts];
    for (let i = first; i < end; i++) {
      const to = next[key[i]]++;
      spare.at[to] = at[i];
      spare.value[to] = value[i];
      spare.weight[to] = weight[i];
      spare.key[to] = key[i];
    }
    for (const [name, column] of Object.entries(spare)) this[name].set(column.subarray(first, end), first);
  }
}

function picked(nodes, values) {
  const column = new Float64Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) column[i] = values[nodes[i]];
  return column;
}
