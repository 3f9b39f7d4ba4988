/** What an answer of the store lacks, and how fine it is, in words. */

import { count } from "../core/format.js";
import { grade } from "../core/quality.js";
import { span } from "../core/time-range.js";

/** @param {import("../core/tree.js").Tree} tree  @returns {{warning: string, fact: string}} "" for nothing to tell */
export function limits(tree) {
  const sides = tree.diff ? [tree.diff.a.selection, tree.diff.b.selection] : [tree.header.selection];
  const known = sides.filter(Boolean);
  const missing = known.reduce((sum, side) => sum + side.missing, 0);
  const rounded = Math.max(0, ...known.map((side) => side.rounded_ms));
  const said = [];
  if (missing) said.push(`${missing} ${missing === 1 ? "file" : "files"} of the store could not be read: totals are too small. An admin can run “manage.py store check”.`);
  if (rounded) said.push(`Samples this old are kept in steps of ${span(rounded)}: the range was widened to whole ones.`);
  const { lost = 0, samples = 0 } = tree.diff?.a.report ?? {};
  // Side B's are in the line above the graph.
  if (grade(lost, samples) !== "good") said.push(`Side A lost ${count(lost)} ${lost === 1 ? "sample" : "samples"} of its recordings.`);
  const steps = [...new Set(known.flatMap((side) => side.steps_ms))].sort((a, b) => a - b);
  const names = steps.map((step) => (step === 1 ? "single profiles" : `sums of ${span(step)}`));
  return { warning: said.join(" "), fact: names.length ? `from ${names.join(" and ")}` : "" };
}
