/** The hosts page: rows follow the heartbeats; several hosts can be selected and recorded at once. */

import { applyFilter, enhanceFilters } from "../ui/filter.js";
import { fetchPage } from "../ui/fragment.js";
import { LiveSocket } from "../ui/socket.js";
import { enhanceSorting, inOrder } from "../ui/sortable-table.js";
import { showTimes } from "../ui/when.js";

// Each host beats every 5 s; a fleet's beats are answered together.
const REFRESH_MS = 2000;

const live = document.querySelector("[data-live]");
let timer = 0;

enhanceSorting(document);
enhanceFilters(document);
document.addEventListener("change", countSelected);
countSelected();
new LiveSocket("/ws/hosts/", {
  onJson: () => (timer ||= setTimeout(refresh, REFRESH_MS)),
  onConnection: (connected) => live && (live.textContent = connected ? "live" : "not live: the connection is lost, trying again"),
});

async function refresh() {
  timer = 0;
  if (document.hidden) return;
  const page = await fetchPage(location.href);
  if (!page) return;
  const fresh = page.querySelector("#hosts tbody");
  const body = document.querySelector("#hosts tbody");
  if (!fresh || !body) {
    if (Boolean(fresh) !== Boolean(body)) location.reload(); // the first host came, or the last one was deleted
    return;
  }
  merge(body, inOrder(body.closest("table"), [...fresh.rows]));
  const filter = document.querySelector("[data-filter]");
  if (filter.value) applyFilter(filter);
  countSelected();
}

/** Keeps what the person has: ticks, and the row that has the focus. */
function merge(body, freshRows) {
  const old = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  for (const fresh of freshRows) {
    const before = old.get(fresh.dataset.id);
    if (before?.contains(document.activeElement)) continue;
    const tick = fresh.querySelector("[name=host]");
    if (tick && before) tick.checked = !tick.disabled && before.querySelector("[name=host]").checked;
  }
  body.replaceChildren(...freshRows.map((fresh) => kept(old.get(fresh.dataset.id), fresh)));
  showTimes(body);
}

function kept(before, fresh) {
  return before?.contains(document.activeElement) ? before : document.adoptNode(fresh);
}

function countSelected() {
  const button = document.querySelector("[data-selected]");
  if (!button) return;
  const n = document.querySelectorAll("[name=host]:checked").length;
  button.disabled = n === 0;
  button.textContent = n > 1 ? `Record on ${n} hosts` : "Record on selected";
}
