/** Where the tree of a view is: what the server must be asked for. */

import { formatSpans, parseSpans } from "../core/spans.js";

/** @param {string} src  @param {import("../core/viewstate.js").ViewState} state  @returns {string} */
export function treeUrl(src, state) {
  const url = new URL(src, document.baseURI);
  if (state.group !== null) url.searchParams.set("group", state.group);
  if (state.stacks !== "all") url.searchParams.set("stacks", state.stacks);
  const sides = ["at", "base"].map((side) => [side, formatSpans(parseSpans(state[side]))]);
  // A baseline alone is compared with nothing yet.
  for (const [side, text] of sides) if (text !== "" && sides[0][1] !== "") for (const span of text.split("\n")) url.searchParams.append(side, span);
  return url.href;
}
