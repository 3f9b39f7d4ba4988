/** A frame in words, for the detail strip and for people who hear the graph. */

import { diffSentence } from "./diff-words.js";
import { count, sampledTime, share, value } from "./format.js";
import { KINDS } from "./kinds.js";
import { origin, printable } from "./labels.js";

/**
 * @param {import("./tree.js").Tree} tree  @param {number} node  @param {number} focus the zoomed frame
 * @returns {{name: string, origin: string, kind: string, total: string, self: string, time: string,
 *   ofAll: string, selfOfAll: string, ofZoom: string, cut: string}}
 */
export function details(tree, node, focus) {
  const frame = tree.frameOf(node);
  const total = tree.total[node];
  const self = tree.self[node];
  const inZoom = focus !== 0 && node >= focus && node < tree.end[focus];
  return {
    name: printable(frame.name),
    origin: [frame.module, origin(frame)].filter((part, i, all) => part && all.indexOf(part) === i).join(" "),
    kind: KINDS[frame.kind]?.legend ?? "",
    total: value(total, tree.unit),
    self: value(self, tree.unit),
    time: tree.unit === "samples" ? sampledTime(total, tree.periodNs) : "",
    ofAll: share(total, tree.whole),
    selfOfAll: share(self, tree.whole),
    ofZoom: inZoom ? share(total, tree.total[focus]) : "",
    cut: cutNote(tree, node),
  };
}

/** One sentence for a screen reader. @param {import("./tree.js").Tree} tree  @param {number} node  @param {number} focus */
export function sentence(tree, node, focus) {
  if (tree.diff) return diffSentence(tree, node);
  const d = details(tree, node, focus);
  const zoomed = d.ofZoom ? `, ${d.ofZoom} of the zoomed frame` : "";
  return `${d.name}, ${d.origin || d.kind}, total ${d.ofAll}${zoomed}, self ${d.selfOfAll}, ${d.total}, row ${tree.depth[node] + 1}`;
}

function cutNote(tree, node) {
  const cut = tree.cutBelow(node);
  return cut.count > 0 ? `${count(cut.count)} smaller callees with ${share(cut.value, tree.whole)} are not in this picture` : "";
}
