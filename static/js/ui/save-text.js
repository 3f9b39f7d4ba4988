/** Saves text that is made in pieces as a file of the browser; between pieces the page goes on. */

/** So long a page may stand still. */
const AT_ONCE_MS = 20;

/** @param {Iterable<string>} pieces  @param {string} name of the file */
export async function saveText(pieces, name) {
  const parts = [];
  let began = performance.now();
  for (const piece of pieces) {
    parts.push(piece);
    if (performance.now() - began < AT_ONCE_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    began = performance.now();
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: name.endsWith(".csv") ? "text/csv" : "application/json" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
