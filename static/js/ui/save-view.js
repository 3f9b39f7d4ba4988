/** Saves what is shown as a file of the browser: the picture, the functions, or the stacks that the steps left. */

const KINDS = {
  png: { end: "png", make: picture },
  csv: { end: "csv", make: async (_, ask) => new Blob([await ask("csv")], { type: "text/csv" }) },
  folded: { end: "folded", make: async (_, ask) => new Blob([await ask("folded")], { type: "text/plain" }) },
};

/**
 * @param {"png"|"csv"|"folded"} what  @param {HTMLElement} graph a <flame-graph>
 * @param {(question: string) => Promise<string>} ask core/answers.js, of the tree after its steps
 */
export async function saveView(what, graph, ask) {
  const { end, make } = KINDS[what];
  const blob = await make(graph, ask);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${graph.tree.meta.host || "profile"}-${new Date(graph.tree.meta.start_ns / 1e6 || Date.now()).toISOString().slice(0, 19).replaceAll(":", "")}.${end}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Of the part of the graph that is on screen. */
function picture(graph) {
  return new Promise((resolve) => graph.querySelector("canvas").toBlob(resolve, "image/png"));
}
