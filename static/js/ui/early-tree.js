/** The tree that the page announces in its head: asked for before anything else is made, which takes as long. */

import { readTree } from "../core/tree.js";

/** @type {{url: string, tree: Promise<import("../core/tree.js").Tree>}|null} */
let early = ask();

function ask() {
  const link = document.querySelector('link[rel="preload"][as="fetch"]');
  if (link === null) return null;
  const tree = read(link.href);
  // Whoever waits for it is told; until then nobody misses it.
  tree.catch(() => {});
  return { url: link.href, tree };
}

async function read(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return readTree(await response.arrayBuffer());
}

/** @returns {Promise<import("../core/tree.js").Tree>|null} rejected when it can't be had; null when none was announced, or it was taken */
export function earlyTree() {
  return early?.tree ?? null;
}

/**
 * @param {string} url  @returns {Promise<import("../core/tree.js").Tree|null>|null} once; null when this one was not announced, or could
 *   not be had: whoever asks again hears why
 */
export function takeEarly(url) {
  const taken = early?.url === url ? early.tree.catch(() => null) : null;
  early = null;
  return taken;
}
