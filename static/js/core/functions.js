/**
 * Functions: frames of one name in one module, wherever they were called. What the table lists and the sandwich is about.
 */

/**
 * @typedef {object} Functions
 * @property {number} length
 * @property {Uint32Array} of function of each frame
 * @property {Uint32Array} frame a frame of each function
 */

/** @param {import("./tree.js").Tree} tree  @returns {Functions} in the order of their first frames */
export function functionsOf({ frames }) {
  const of = new Uint32Array(frames.length);
  const known = new Map();
  const frame = [];
  for (let f = 0; f < frames.length; f++) {
    // Numbers of strings are below 2^26 in any message that fits memory: the pair is exact in a double.
    const key = frames.name[f] * 2 ** 26 + frames.module[f];
    let number = known.get(key);
    if (number === undefined) {
      known.set(key, (number = frame.length));
      frame.push(f);
    }
    of[f] = number;
  }
  return { length: frame.length, of, frame: Uint32Array.from(frame) };
}

/**
 * @typedef {object} FunctionTable one entry per function that has a node; the root has none
 * @property {Uint32Array} frame  @property {Float64Array} self
 * @property {Float64Array} total union of the function's subtrees: below itself it counts once
 * @property {Uint32Array} places nodes
 */

/** @param {import("./tree.js").Tree} tree  @returns {FunctionTable} largest own value first, then total */
export function functionTable(tree) {
  const functions = functionsOf(tree);
  const sums = sumFunctions(tree, functions);
  const rows = Array.from(functions.frame, (_, f) => f).filter((f) => sums.places[f] > 0);
  rows.sort((a, b) => sums.self[b] - sums.self[a] || sums.total[b] - sums.total[a] || a - b);
  const pick = (column) => column.constructor.from(rows, (f) => column[f]);
  return { frame: pick(functions.frame), self: pick(sums.self), total: pick(sums.total), places: pick(sums.places) };
}

function sumFunctions(tree, { length, of }) {
  const self = new Float64Array(length);
  const total = new Float64Array(length);
  const places = new Uint32Array(length);
  // Nodes below the last place that was counted are numbered lower than its end.
  const counted = new Uint32Array(length);
  for (let node = 1; node < tree.length; node++) {
    const f = of[tree.frame[node]];
    self[f] += tree.self[node];
    places[f]++;
    if (node < counted[f]) continue;
    total[f] += tree.total[node];
    counted[f] = tree.end[node];
  }
  return { self, total, places };
}

/**
 * The same with the values of two sides, as a message's header has them. What the server cut is in no function.
 * @param {import("./tree.js").Tree[]} trees the picture, side A and side B, of the same nodes
 * @returns {{name: string, module: string, kind: number, self: [number, number], total: [number, number]}[]}
 */
export function functionSides([picture, ...sides]) {
  const functions = functionsOf(picture);
  const [a, b] = sides.map((side) => sumFunctions(side, functions));
  const { frames, strings } = picture;
  const there = Array.from(functions.frame.keys()).filter((f) => a.places[f] > 0);
  return there.map((f) => {
    const frame = functions.frame[f];
    return { name: strings[frames.name[frame]], module: strings[frames.module[frame]], kind: frames.kind[frame], self: [a.self[f], b.self[f]], total: [a.total[f], b.total[f]] };
  });
}
