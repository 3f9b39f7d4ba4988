/**
 * Search by regular expression. The expression is compiled once and tried once per different frame name, so a key
 * costs the same however many nodes there are; the nodes are then one pass over a column.
 */

/**
 * Case is ignored unless the query has a capital letter.
 * @param {string} query
 * @returns {{regex: RegExp|null, error: string}} regex null for an empty or invalid query
 */
export function compile(query) {
  if (query === "") return { regex: null, error: "" };
  try {
    return { regex: new RegExp(query, /\p{Lu}/u.test(query) ? "" : "i"), error: "" };
  } catch (error) {
    const reason = error.message.replace(/^Invalid regular expression: /, "").replace(/^\/.*\/\w*: /s, "");
    return { regex: null, error: `Not a valid pattern: ${reason.toLowerCase()}. Put \\ before ( [ * + ? to search for the character itself.` };
  }
}

/** The query that finds just this name. @param {string} name */
export function exactly(name) {
  return `^${name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}$`;
}

/** The name that a query finds alone, or null. @param {string} query  @returns {string|null} */
export function exactNameOf(query) {
  const name = query.slice(1, -1).replace(/\\(.)/gs, "$1");
  return exactly(name) === query ? name : null;
}

/**
 * @typedef {object} Matches
 * @property {Uint8Array} frames for each frame (not node) 0, or 1 + the number of the first term that its name matches
 * @property {number} count nodes that match any term
 * @property {number} value union of the matching subtrees: a function below itself counts once
 * @property {{count: number, value: number}[]} terms the same of each term
 */

/** @param {import("./tree.js").Tree} tree  @param {RegExp[]} regexes one of each term  @returns {Matches} */
export function match(tree, regexes) {
  const each = regexes.map((regex) => matchFrames(tree, regex));
  const sums = each.map((frames) => sumUp(tree, frames));
  if (each.length === 1) return { frames: each[0], ...sums[0], terms: sums };
  const frames = new Uint8Array(tree.frames.length);
  for (let term = each.length - 1; term >= 0; term--) {
    for (let f = 0; f < frames.length; f++) if (each[term][f] === 1) frames[f] = term + 1;
  }
  return { frames, ...sumUp(tree, frames), terms: sums };
}

function sumUp(tree, frames) {
  const { frame, total, end, length } = tree;
  let count = 0;
  let value = 0;
  for (let node = 0, counted = 0; node < length; node++) {
    if (frames[frame[node]] === 0) continue;
    count++;
    if (node < counted) continue;
    value += total[node];
    counted = end[node];
  }
  return { count, value };
}

function matchFrames(tree, regex) {
  const { name, length } = tree.frames;
  const tried = new Uint8Array(tree.strings.length); // 0 not yet, 1 no, 2 yes
  const matched = new Uint8Array(length);
  // The root is a label of ours, not a function of the profile.
  const root = tree.frame[0];
  for (let f = 0; f < length; f++) {
    const s = name[f];
    if (tried[s] === 0) tried[s] = regex.test(tree.strings[s]) ? 2 : 1;
    if (tried[s] === 2 && f !== root) matched[f] = 1;
  }
  return matched;
}

/** The matching nodes, depth first. Made only when somebody needs them. @param {import("./tree.js").Tree} tree  @param {Matches} matches  @returns {Uint32Array} */
export function nodesOf(tree, matches) {
  const nodes = new Uint32Array(matches.count);
  for (let node = 0, n = 0; node < tree.length; node++) {
    if (matches.frames[tree.frame[node]] !== 0) nodes[n++] = node;
  }
  return nodes;
}

/** The same, largest first, then from left to right. @param {import("./tree.js").Tree} tree  @param {Matches} matches  @returns {Uint32Array} */
export function matchingNodes(tree, matches) {
  return nodesOf(tree, matches).sort((a, b) => tree.total[b] - tree.total[a] || a - b);
}
