/**
 * What the server cut below a frame, put where it belongs: a subtree takes the place of its own smaller form. Works on
 * messages (core/wire.js), so that it is the same for trees with one side and with two.
 */

const NODES = ["depth", "frame", "self", "base_self"];
const CUTS = ["cut_value", "cut_count", "base_cut_value"];
const OF_FRAME = ["frame_name", "frame_module", "frame_file", "frame_kind", "frame_line"];
const TEXTS = ["frame_name", "frame_module", "frame_file"];

/** Whether something below a node was cut. @param {import("./tree.js").Tree} tree  @param {number} node */
export function hasCuts(tree, node) {
  return tree.cutNode.some((cut) => cut >= node && cut < tree.end[node]);
}

/** Names of the frames that lead to a node, the outermost first. @param {import("./tree.js").Tree} tree  @param {number} node */
export function namesTo(tree, node) {
  return tree.ancestry(node).slice(1).map((at) => tree.name(at));
}

/**
 * @param {import("./tree.js").Tree} tree  @param {number} node whose subtree is to be replaced
 * @param {import("./tree.js").Tree} deeper a tree that has the node with more below it
 * @returns {{header: object, columns: object}|null} the message of both; null when the other has no such node, or with other values
 */
export function graft(tree, node, deeper) {
  const at = sameNode(tree, node, deeper);
  if (at < 0 || !sameValues(tree, node, deeper, at)) return null;
  const [into, from] = [tree.message, deeper.message];
  const strings = [...into.header.strings];
  const columns = { ...frames(into, from, strings) };
  const shift = into.columns.frame_name.length;
  const [end, last] = [tree.end[node], deeper.end[at]];
  for (const name of NODES.filter((one) => one in into.columns)) {
    const moved = name === "frame" ? from.columns.frame.slice(at, last).map((frame) => frame + shift) : from.columns[name].slice(at, last);
    columns[name] = joined(into.columns[name].slice(0, node), moved, into.columns[name].slice(end));
  }
  Object.assign(columns, cuts(into, from, { node, end, at, last }));
  return { header: { ...into.header, strings, nodes: columns.depth.length }, columns };
}

/** Of two sides each: how they are weighed depends on the whole of a message, and a part has a smaller whole. */
function sameValues(tree, node, deeper, at) {
  if (!tree.diff) return deeper.total[at] === tree.total[node];
  return ["a", "b"].every((side) => deeper.diff?.[side].total[at] === tree.diff[side].total[node]);
}

function sameNode(tree, node, deeper) {
  let at = 0;
  for (const step of tree.ancestry(node).slice(1)) {
    const wanted = JSON.stringify(tree.frameOf(step));
    let child = at + 1;
    while (child < deeper.end[at] && JSON.stringify(deeper.frameOf(child)) !== wanted) child = deeper.end[child];
    if (child >= deeper.end[at]) return -1;
    at = child;
  }
  return at;
}

function frames(into, from, strings) {
  const known = new Map(strings.map((text, i) => [text, i]));
  const number = (text) => {
    if (!known.has(text)) known.set(text, strings.push(text) - 1);
    return known.get(text);
  };
  const place = from.header.strings.map(number);
  const columns = {};
  for (const name of OF_FRAME) {
    const more = TEXTS.includes(name) ? from.columns[name].map((i) => place[i]) : from.columns[name];
    columns[name] = joined(into.columns[name], more);
  }
  return columns;
}

function cuts(into, from, { node, end, at, last }) {
  const grown = last - at - (end - node);
  const places = (message, fits) => Array.from(message.columns.cut_node.keys()).filter((i) => fits(message.columns.cut_node[i]));
  const before = places(into, (cut) => cut < node);
  const inside = places(from, (cut) => cut >= at && cut < last);
  const after = places(into, (cut) => cut >= end);
  const of = (message, name, chosen) => chosen.map((i) => message.columns[name][i]);
  const columns = {
    cut_node: Uint32Array.from([...of(into, "cut_node", before), ...of(from, "cut_node", inside).map((cut) => cut - at + node), ...of(into, "cut_node", after).map((cut) => cut + grown)]),
  };
  for (const name of CUTS.filter((one) => one in into.columns)) {
    columns[name] = Float64Array.from([...of(into, name, before), ...of(from, name, inside), ...of(into, name, after)]);
  }
  return columns;
}

/** As large as the largest needs: a subtree may have small values where the whole has large ones. */
function joined(...parts) {
  const Column = parts.some((part) => part instanceof Float64Array) ? Float64Array : parts[0].constructor;
  const made = new Column(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}
