/** Parts of pages that the server draws again: one template, whether the page is fresh or a minute old. */

import { showTimes } from "./when.js";

/**
 * The page or fragment at a URL, parsed but not live: scripts in it don't run.
 * @param {string} url  @returns {Promise<Document|null>} null when there is none now
 */
export async function fetchPage(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!response.ok || (response.redirected && response.url.includes("/login/"))) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return null;
  }
}

/** Puts another page's element in the place of ours. @param {Document} page  @param {string} selector */
export function adopt(page, selector) {
  const fresh = page.querySelector(selector);
  const old = document.querySelector(selector);
  if (!fresh || !old) return;
  old.replaceWith(document.adoptNode(fresh));
  showTimes(fresh);
}

/** Fills an element with all of a fragment. @param {Element} element  @param {Document} fragment */
export function fill(element, fragment) {
  element.replaceChildren(...[...fragment.body.childNodes].map((node) => document.adoptNode(node)));
  showTimes(element);
}
