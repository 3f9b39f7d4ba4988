/**
 * Plotly, fetched when the first chart is wanted: its 500 kB (compressed) are no part of a page that shows none. Its
 * style sheet is a file of ours too; the marker tells it not to write styles into the page, which our policy forbids.
 */

import { element } from "./element.js";

const MARKER = "plotly.js-style-global";
let loading = null;

/** @param {{script: string, style: string}} urls  @returns {Promise<object>} the library; rejects when it can't be had */
export function plotly(urls) {
  loading ??= load(urls).catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load({ script, style }) {
  document.head.append(element("meta", { id: MARKER, class: "no-inline-styles" }));
  await Promise.all([arrives(element("link", { rel: "stylesheet", href: style })), arrives(element("script", { src: script }))]);
  return window.Plotly;
}

function arrives(part) {
  return new Promise((resolve, reject) => {
    part.addEventListener("load", resolve);
    part.addEventListener("error", () => reject(new Error("The chart's library did not arrive. Load the page again.")));
    document.head.append(part);
  });
}
