/** Frames that no profile has: what stands for several of them. They come after those of the message. */

/**
 * @typedef {object} Added columns of frames beyond a message's own, and strings beyond its own
 * @property {string[]} strings
 * @property {Uint32Array} frame_name  @property {Uint32Array} frame_module  @property {Uint32Array} frame_file
 * @property {Uint8Array} frame_kind  @property {Uint32Array} frame_line
 */

const COLUMNS = ["frame_name", "frame_module", "frame_file", "frame_kind", "frame_line"];

export class AddedFrames {
  #names = new Map();
  #strings = [];
  #kinds = [];

  /** @param {{strings: string[], frames: {length: number}}} tree */
  constructor(tree) {
    this.tree = tree;
  }

  get count() {
    return this.#kinds.length;
  }

  /** @param {string} name  @param {number} kind of the first frame that it stands for  @returns {number} the one frame of that name */
  frame(name, kind) {
    let made = this.#names.get(name);
    if (made === undefined) {
      this.#names.set(name, (made = this.tree.frames.length + this.count));
      this.#strings.push(name);
      this.#kinds.push(kind);
    }
    return made;
  }

  /** @param {number} frame one of these  @returns {string} */
  nameOf(frame) {
    return this.#strings[frame - this.tree.frames.length];
  }

  /** @returns {Added} */
  get added() {
    const first = this.tree.strings.length;
    // Module and file of none: an empty string, which a message need not have.
    const nowhere = new Uint32Array(this.count).fill(first);
    return {
      strings: ["", ...this.#strings],
      frame_name: Uint32Array.from(this.#strings, (_, i) => first + 1 + i),
      frame_module: nowhere,
      frame_file: nowhere,
      frame_kind: Uint8Array.from(this.#kinds),
      frame_line: new Uint32Array(this.count),
    };
  }
}

/** What a tree has beyond its message. @param {{header: object, columns: object, strings: string[]}} tree  @returns {Added|null} */
export function addedTo({ header, columns, strings }) {
  if (!header.own) return null;
  const beyond = COLUMNS.map((column) => [column, columns[column].slice(header.own.frames)]);
  return { strings: strings.slice(header.own.strings), ...Object.fromEntries(beyond) };
}

/** @param {{header: object, columns: object, strings: string[]}} tree  @param {Added|null} added  @returns {{strings: string[], columns: object}} */
export function withAdded({ columns, strings }, added) {
  if (!added) return { strings, columns };
  const grown = COLUMNS.map((column) => [column, joined(columns[column], added[column])]);
  return { strings: [...strings, ...added.strings], columns: { ...columns, ...Object.fromEntries(grown) } };
}

function joined(first, second) {
  const both = new first.constructor(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
