/**
 * `<input data-filter="#table">`: hides rows of a table body that lack a word, or what `data-rows` selects; a `[data-filter-count]` beside it says how many stay.
 * With `data-kept` the URL has it, as `?filter=`; with `data-kept="<name>"`, where a page has several, as `?<name>-filter=`.
 */

import { keepInUrl, keptInUrl, nameInUrl } from "./url-state.js";

/** @param {ParentNode} root */
export function enhanceFilters(root) {
  for (const input of root.querySelectorAll("[data-filter]")) {
    const kept = "kept" in input.dataset;
    const name = nameInUrl(input.dataset.kept ?? "", "filter");
    input.addEventListener("input", () => {
      applyFilter(input);
      if (kept) keepInUrl(name, input.value.trim());
    });
    if (kept && keptInUrl(name) !== "") {
      input.value = keptInUrl(name);
      applyFilter(input);
    }
    // Enter would send a form around it.
    input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }
}

/** Filters again, after rows changed. @param {HTMLInputElement} input */
export function applyFilter(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [...document.querySelectorAll(input.dataset.rows ?? `${input.dataset.filter} tbody tr`)];
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
  const count = input.parentElement.querySelector("[data-filter-count]");
  if (count) count.textContent = words.length ? `${rows.filter((row) => !row.hidden).length} of ${rows.length}` : "";
}
