/** The keyboard of the flame graph: one table that both acts and fills the `?` sheet. */

const ZOOM_IN = 0.7;
const PAN = 0.2;

/** `up` and `down` mean what they show: towards the callers or the callees, whichever way the graph stands. */
const vertical = (graph, towardsRoot) => graph.moveSelection(towardsRoot ? "parent" : "child");

export const GRAPH_KEYS = [
  { keys: ["ArrowUp"], shown: "↑ ↓", help: "select the caller or the widest callee", act: (g) => vertical(g, g.view === "icicle") },
  { keys: ["ArrowDown"], act: (g) => vertical(g, g.view === "flame") },
  { keys: ["ArrowLeft"], shown: "← →", help: "select the neighbour in the row", act: (g) => g.moveSelection("left") },
  { keys: ["ArrowRight"], act: (g) => g.moveSelection("right") },
  { keys: ["Enter", " "], shown: "Enter", help: "zoom to the selected frame", act: (g) => g.zoomToSelection() },
  { keys: ["Escape", "Backspace"], shown: "Esc or Backspace", help: "one zoom step back", act: (g) => g.back() },
  { keys: ["0", "Home"], shown: "0", help: "show everything", act: (g) => g.reset() },
  { keys: ["+", "="], shown: "+ −", help: "zoom in or out around the middle", act: (g) => g.zoomBy(ZOOM_IN, 0.5) },
  { keys: ["-", "_"], act: (g) => g.zoomBy(1 / ZOOM_IN, 0.5) },
  { keys: ["a", "["], shown: "a d", help: "move the picture left or right", act: (g) => g.pan(-PAN, 0) },
  { keys: ["d", "]"], act: (g) => g.pan(PAN, 0) },
  { keys: ["n"], shown: "n N", help: "next or previous match, largest first", act: (g) => g.stepMatch(1) },
  { keys: ["N"], act: (g) => g.stepMatch(-1) },
  { keys: ["PageDown"], shown: "Page ↑ Page ↓", help: "scroll a deep graph", act: (g) => g.scrollRows(1) },
  { keys: ["PageUp"], act: (g) => g.scrollRows(-1) },
];

const actions = new Map(GRAPH_KEYS.flatMap(({ keys, act }) => keys.map((key) => [key, act])));

/** @param {HTMLElement} target the focused canvas  @param {HTMLElement} graph  a <flame-graph> */
export function listenToKeys(target, graph) {
  target.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || graph.tree === null) return;
    const act = actions.get(event.key);
    if (!act) return;
    event.preventDefault();
    act(graph);
  });
}
