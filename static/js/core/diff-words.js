/** Changes in words and signed numbers: colour never says anything alone. */

import { count, share, value } from "./format.js";
import { KINDS } from "./kinds.js";
import { origin, printable } from "./labels.js";

const MINUS = "\u2212";

/** "+3.1", "−0.4", "+0.012": points of share; small is not nothing. @param {number} by share */
export function points(by) {
  const size = Math.abs(by) * 100;
  if (size === 0) return "±0";
  const text = size < 0.001 ? "<0.001" : size < 0.0995 ? String(Number(size.toPrecision(2))) : size >= 99.95 ? "100" : size.toFixed(1);
  return (by < 0 ? MINUS : "+") + text;
}

/** A change as it stands in a label. @param {import("./diff.js").Diff} diff  @param {{by: number}} changed */
export function signed(diff, { by }) {
  if (diff.change === "relative") return points(by);
  return by === 0 ? "±0" : (by < 0 ? MINUS : "+") + count(Math.abs(by));
}

/** The same with its unit. @param {import("./diff.js").Diff} diff  @param {{by: number}} changed */
export function signedWithUnit(diff, changed) {
  if (diff.change === "relative") return `${points(changed.by)} points`;
  return changed.by === 0 ? "±0" : (changed.by < 0 ? MINUS : "+") + value(Math.abs(changed.by), diff.unit);
}

/** What may be thought of a change. @param {import("./diff.js").Diff} diff  @param {import("./diff.js").Diff["of"]} changed */
export function verdict(diff, { by, floor, beyond, isNew, gone }) {
  const what = isNew ? "new in B" : gone ? "gone in B" : by === 0 ? "no change" : by > 0 ? "more in B" : "less in B";
  if (floor === Infinity) return `${what}; one side has no samples`;
  if (!diff.counted || by === 0) return what;
  if (beyond) return `${what}, beyond chance`;
  const limit = diff.change === "relative" ? `±${(floor * 100).toFixed(1)} points` : `±${count(Math.ceil(floor))}`;
  return `could be chance (up to ${limit})`;
}

/** A frame of both sides. @param {import("./tree.js").Tree} tree  @param {number} node */
export function diffDetails(tree, node) {
  const { diff } = tree;
  const frame = tree.frameOf(node);
  const changed = diff.of(node);
  const own = diff.between(diff.a.self[node], diff.b.self[node]);
  const of = (side) => [share(side.total[node], side.sum), value(side.total[node], diff.unit)];
  return {
    name: printable(frame.name),
    origin: [[frame.module, origin(frame)].filter((part, i, all) => part && all.indexOf(part) === i).join(" "), KINDS[frame.kind]?.legend].filter(Boolean).join(" · "),
    a: of(diff.a),
    b: of(diff.b),
    change: signedWithUnit(diff, changed),
    own: signedWithUnit(diff, own),
    verdict: verdict(diff, changed),
    cut: cutNote(tree, node),
  };
}

/** What the picture lacks below a frame, on each side. */
function cutNote(tree, node) {
  const { count: callees, at } = tree.cutBelow(node);
  if (callees === 0) return "";
  const { a, b } = tree.diff;
  return `${count(callees)} smaller callees with ${share(a.cut[at], a.sum)} of A and ${share(b.cut[at], b.sum)} of B are not in this picture`;
}

/** One sentence for a screen reader. @param {import("./tree.js").Tree} tree  @param {number} node */
export function diffSentence(tree, node) {
  const d = diffDetails(tree, node);
  return `${d.name}, ${d.origin}, ${d.change}, A ${d.a[0]}, B ${d.b[0]}, ${d.verdict}, row ${tree.depth[node] + 1}`;
}
