/** Service rules: only some sources have a name to give. */

import { enhanceFilters } from "../ui/filter.js";
import { enhanceSorting } from "../ui/sortable-table.js";

const source = document.querySelector("#source");
const named = document.querySelector("[data-named]");

enhanceSorting(document);
enhanceFilters(document);
if (source) {
  source.addEventListener("change", show);
  show();
}

function show() {
  const wanted = named.dataset.named.split(" ").includes(source.value);
  named.hidden = !wanted;
  named.querySelector("input").disabled = !wanted;
}
