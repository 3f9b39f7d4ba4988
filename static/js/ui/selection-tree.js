/** Fetches the merged tree of a selection, with words for what it lacks. */

import { refusal } from "./api.js";

/**
 * @param {string} url
 * @returns {Promise<{buffer: ArrayBuffer|null, message: string}>} the tree message, null when there is none
 */
export async function loadTree(url) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin" });
    if (!response.ok) return { buffer: null, message: refusal(await response.text(), response.status) };
    return { buffer: await response.arrayBuffer(), message: lacks(response.headers) };
  } catch {
    return { buffer: null, message: "The server did not answer, or the connection broke off. Load the page again." };
  }
}

function lacks(headers) {
  const missing = Number(headers.get("X-Missing"));
  const rounded = Number(headers.get("X-Rounded-Ms"));
  const said = [];
  if (missing) said.push(`${missing} ${missing === 1 ? "file" : "files"} of the store could not be read: totals are too small. An admin can run “manage.py store check”.`);
  if (rounded) said.push(`Samples this old are kept in steps of ${rounded / 3_600_000} h: the range was widened to whole ones.`);
  return said.join(" ");
}
