/** The tree that the page announces in its head: asked for before the page's elements are made, which takes as long. */

/** @type {{url: string, response: Promise<Response>}|null} */
let early = ask();

function ask() {
  const link = document.querySelector('link[rel="preload"][as="fetch"]');
  if (link === null) return null;
  const response = fetch(link.href, { credentials: "same-origin" });
  // Whoever takes it is told; until then nobody misses it.
  response.catch(() => {});
  return { url: link.href, response };
}

/** @param {string} url  @returns {Promise<Response>|null} once; null when this one was not announced */
export function takeEarly(url) {
  const taken = early?.url === url ? early.response : null;
  early = null;
  return taken;
}
