/** `window.__flame`: what measuring and end-to-end tests drive the viewer with. See bench/viewer/README.md. */

import { nodeOfNames, widestNamed } from "../core/path.js";

let markReady = null;

/** `__flame.ready` alone: there before all else is, for who waits for it. */
export function announceHooks() {
  window.__flame = { ready: new Promise((resolve) => (markReady = resolve)) };
}

/**
 * @param {import("./flame-graph.js").FlameGraph} graph  @param {HTMLInputElement} input  @param {(query: string) => void} search
 * @param {() => Promise<void>} whole  @returns {() => void} call when the first tree is shown
 */
export function offerHooks(graph, input, search, whole) {
  if (markReady === null) announceHooks();
  Object.assign(window.__flame, {
    zoomTo: (name) => zoomToName(graph, name),
    search,
    reset: () => graph.reset(),
    rectOf: (names) => {
      const node = nodeOfNames(graph.tree, names);
      return node < 0 ? null : graph.rectOf(node);
    },
    searchInput: `#${input.id}`,
    whole,
  });
  return markReady;
}

/** Zoom to the widest frame of that name. */
function zoomToName(graph, name) {
  const node = widestNamed(graph.tree, name);
  if (node >= 0) graph.zoomTo(node);
  return node >= 0;
}
