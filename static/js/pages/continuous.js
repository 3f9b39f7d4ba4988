/** Continuous profiling: the hosts' states follow their heartbeats. */

import { applyFilter, enhanceFilters } from "../ui/filter.js";
import { adopt, fetchPage } from "../ui/fragment.js";
import { LiveSocket } from "../ui/socket.js";
import { enhanceSorting, sortAgain } from "../ui/sortable-table.js";

const REFRESH_MS = 4000;
let timer = 0;

enhanceSorting(document);
enhanceFilters(document);
if (document.querySelector("#hosts")) {
  new LiveSocket("/ws/hosts/", { onJson: () => (timer ||= setTimeout(refresh, REFRESH_MS)) });
}

async function refresh() {
  timer = 0;
  if (document.hidden || document.querySelector("#hosts").contains(document.activeElement)) return;
  const page = await fetchPage(location.pathname);
  if (!page) return;
  adopt(page, "#hosts tbody");
  sortAgain(document.querySelector("#hosts"));
  applyFilter(document.querySelector("[data-filter]"));
}
