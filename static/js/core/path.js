/**
 * A frame's place as text that survives in a URL: the names from below the root down to it, `a;b;c`. A `;` or `\` in a
 * name gets a `\` before it. Where siblings share a name, `\2` after it means the second one from the left.
 *
 * Deep places would make URLs that servers refuse. Beyond MAX_TEXT the text is `\<depth>.<hash>;<last name>` instead:
 * no name can begin like that, and the place is found again by hashing the tree's own paths.
 */

const MAX_TEXT = 800;
const MAX_LAST_NAME = 80;
const HASHED = /^\\(\d+)\.([0-9a-z]+);/;
const SEED = 0x811c9dc5;

/** @param {import("./tree.js").Tree} tree  @param {number} node  @returns {string} "" for the root */
export function pathOf(tree, node) {
  const steps = [];
  let length = 0;
  for (let at = node; at !== 0 && length <= MAX_TEXT; at = tree.parent[at]) {
    const step = escape(tree.name(at)) + ordinalSuffix(tree, at);
    length += step.length + 1;
    steps.push(step);
  }
  // A name of nothing right below the root must not read as the root.
  if (length <= MAX_TEXT) return steps.reverse().join(";") || (node === 0 ? "" : "\\1");
  return `\\${tree.depth[node]}.${hashOf(tree, node).toString(36)};${tree.name(node).slice(0, MAX_LAST_NAME)}`;
}

/**
 * @param {import("./tree.js").Tree} tree  @param {string} text as `pathOf` gives it, maybe of another tree
 * @returns {number} the node, or -1 when the tree has no such place
 */
export function nodeOf(tree, text) {
  if (text === "") return 0;
  const hashed = HASHED.exec(text);
  if (hashed) return nodeByHash(tree, Number(hashed[1]), parseInt(hashed[2], 36));
  let node = 0;
  for (const { name, ordinal } of parse(text)) {
    node = childNamed(tree, node, name, ordinal);
    if (node < 0) return -1;
  }
  return node;
}

/** The last name of a path, for telling people what is gone. @param {string} text */
export function lastName(text) {
  if (HASHED.test(text)) return text.replace(HASHED, "");
  return parse(text).at(-1)?.name ?? "";
}

/** Node of a list of plain names from below the root, or -1. @param {import("./tree.js").Tree} tree  @param {string[]} names */
export function nodeOfNames(tree, names) {
  let node = 0;
  for (const name of names) {
    node = childNamed(tree, node, name, 1);
    if (node < 0) return -1;
  }
  return node;
}

/** The node with the largest total of all with this name, or -1. @param {import("./tree.js").Tree} tree  @param {string} name */
export function widestNamed(tree, name) {
  let widest = -1;
  for (let node = 1; node < tree.length; node++) {
    if ((widest < 0 || tree.total[node] > tree.total[widest]) && tree.name(node) === name) widest = node;
  }
  return widest;
}

function childNamed(tree, parent, name, ordinal) {
  for (let child = parent + 1; child < tree.end[parent]; child = tree.end[child]) {
    if (tree.name(child) === name && --ordinal === 0) return child;
  }
  return -1;
}

/** Siblings are sorted by name, but nothing here depends on that. */
function ordinalSuffix(tree, node) {
  const name = tree.frames.name[tree.frame[node]];
  let before = 0;
  for (let sibling = tree.parent[node] + 1; sibling < node; sibling = tree.end[sibling]) {
    if (tree.frames.name[tree.frame[sibling]] === name) before++;
  }
  return before === 0 ? "" : `\\${before + 1}`;
}

function escape(name) {
  return name.replace(/[\\;]/g, "\\$&");
}

function parse(text) {
  // A step: characters other than ; and \, or escaped ones; then perhaps an ordinal.
  return [...`${text};`.matchAll(/((?:[^\\;]|\\[\\;])*)(?:\\(\d+))?;/gs)].map(([, name, ordinal]) => ({
    name: name.replace(/\\(.)/gs, "$1"),
    ordinal: Number(ordinal ?? 1),
  }));
}

function hashOf(tree, node) {
  return tree.ancestry(node).slice(1).reduce((hash, at) => step(hash, tree.name(at)), SEED);
}

function nodeByHash(tree, depth, wanted) {
  const open = new Uint32Array(depth + 1).fill(SEED);
  for (let node = 1; node < tree.length; node++) {
    const d = tree.depth[node];
    if (d > depth) continue;
    open[d] = step(open[d - 1], tree.name(node));
    if (d === depth && open[d] === wanted) return node;
  }
  return -1;
}

/** FNV-1a over the name's UTF-16 units, then a separator, so that "ab","c" and "a","bc" differ. */
function step(hash, name) {
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ 0x10000, 0x01000193) >>> 0;
}
