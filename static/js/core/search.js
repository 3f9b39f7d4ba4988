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
 * @property {Uint8Array} frames 1 for each frame (not node) whose name matches
 * @property {number} count nodes that match
 * @property {number} value union of the matching subtrees: a function below itself counts once
 */

/** @param {import("./tree.js").Tree} tree  @param {RegExp} regex  @returns {Matches} */
export function match(tree, regex) {
  const frames = matchFrames(tree, regex);
  let count = 0;
  let value = 0;
  for (let node = 0, counted = 0; node < tree.length; node++) {
    if (frames[tree.frame[node]] === 0) continue;
    count++;
    if (node < counted) continue;
    value += tree.total[node];
    counted = tree.end[node];
  }
  return { frames, count, value };
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

/**
 * The matching nodes, largest first, then from left to right. Made only when somebody steps through them.
 * @param {import("./tree.js").Tree} tree  @param {Matches} matches  @returns {Uint32Array}
 */
export function matchingNodes(tree, matches) {
  const nodes = new Uint32Array(matches.count);
  for (let node = 0, n = 0; node < tree.length; node++) {
    if (matches.frames[tree.frame[node]] === 1) nodes[n++] = node;
  }
  return nodes.sort((a, b) => tree.total[b] - tree.total[a] || a - b);
}
