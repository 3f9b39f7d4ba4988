/** Selectors that this browser asked for lately. */

import { remembered } from "../core/selector.js";

const KEY = "webprof-recent-selectors";

/** @returns {string[]} */
export function recentSelectors() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return []; // storage is off or was written by something else
  }
}

/** @param {string} text */
export function rememberSelector(text) {
  try {
    localStorage.setItem(KEY, JSON.stringify(remembered(recentSelectors(), text)));
  } catch {
    // storage is off or full: then there is nothing recent
  }
}
