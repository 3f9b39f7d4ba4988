/** Steps that make fewer frames of many: all that a function called, or frames of one module or namespace. */

import { AddedFrames, withAdded } from "./added-frames.js";
import { groupOf } from "./frame-groups.js";
import { rebuild } from "./rebuild.js";
import { rankFrames } from "./trie.js";
import { reshape } from "./tree.js";

/**
 * What is called below the outermost frames that are meant becomes their own value.
 * @param {import("./tree.js").Tree} tree  @param {Uint8Array} meant per frame  @returns {import("./trie.js").Trie}
 */
export function collapseBelow(tree, meant) {
  const inside = new Uint8Array(tree.length);
  const trie = rebuild(tree, (node, above, made) => {
    const below = inside[tree.parent[node]] === 1;
    inside[node] = below ? 1 : meant[tree.frame[node]];
    return below ? above : made.child(above, tree.frame[node]);
  });
  trie.ownCuts((node) => meant[trie.frame[node]] === 1);
  return trie;
}

/**
 * Frames of one group that follow each other become one frame of the group's name.
 * @param {import("./tree.js").Tree} tree  @param {"module"|"namespace"} by  @param {Uint8Array} [meant] per frame; all when left out
 * @returns {import("./tree.js").Tree}
 */
export function merged(tree, by, meant) {
  const groups = new AddedFrames(tree);
  const frameFor = Uint32Array.from({ length: tree.frames.length }, (_, f) => {
    const group = meant && meant[f] === 0 ? "" : groupOf(tree, f, by);
    return group === "" ? f : groups.frame(group, tree.frames.kind[f]);
  });
  const trie = rebuild(tree, (node, above, made) => {
    const frame = frameFor[tree.frame[node]];
    return frame >= tree.frames.length && made.frame[above] === frame ? above : made.child(above, frame);
  });
  const { added } = groups;
  const { strings, columns } = withAdded(tree, added);
  const rank = rankFrames({ strings, frames: { length: columns.frame_name.length, name: columns.frame_name } });
  return reshape(tree, { ...trie.shape(rank), added });
}
