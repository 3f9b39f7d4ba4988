/** The tree that a page opens with: it lies in the page, or is asked for before anything else is made, which takes as long. */

import { readTree } from "../core/tree.js";
import { unpack } from "../core/unpack.js";

/** @type {{url: string, tree: Promise<import("../core/tree.js").Tree>}|null} */
let early = announced();

function announced() {
  const inPage = document.querySelector("script[data-of]");
  if (inPage !== null) return kept(new URL(inPage.dataset.of, location).href, unpack(inPage.textContent));
  const link = document.querySelector('link[rel="preload"][as="fetch"]');
  return link && kept(link.href, fetched(link.href));
}

function kept(url, message) {
  const tree = message.then(readTree);
  // Whoever waits for it is told; until then nobody misses it.
  tree.catch(() => {});
  return { url, tree };
}

async function fetched(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.arrayBuffer();
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
