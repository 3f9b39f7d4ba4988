/** The editor of bpftrace programs: where the cursor is, keys, usual durations, the library's filter, the order of what ran. */

import { enhanceFilters } from "../ui/filter.js";
import { enhanceSorting } from "../ui/sortable-table.js";

enhanceFilters(document);
enhanceSorting(document);
const form = document.querySelector("#bpftrace-form");
const program = document.querySelector("#program");
const place = document.querySelector("#place");

program.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit();
});
for (const name of ["input", "keyup", "click", "focus"]) program.addEventListener(name, tell);
/** A program of one's own is not called as the library's that it began as. */
program.addEventListener("input", () => (form.elements.title.value = ""), { once: true });
for (const button of document.querySelectorAll("[data-duration]")) button.addEventListener("click", () => (form.elements.duration_s.value = button.dataset.duration));
document.querySelector(".presets").hidden = false;
tell();

/** As mistakes are told: characters from 1. */
function tell() {
  const before = program.value.slice(0, program.selectionStart).split("\n");
  place.textContent = `Line ${before.length}, column ${before.at(-1).length + 1}`;
}
