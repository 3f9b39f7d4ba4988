/** The host page: what it did over time; its table of processes can be filtered; the states of continuous profiling and the flight recorder follow the heartbeats. */

import { enhanceFilters } from "../ui/filter.js";
import { adopt, fetchPage } from "../ui/fragment.js";
import { HostTime } from "../ui/host-time.js";
import { LiveSocket } from "../ui/socket.js";
import { enhanceSorting } from "../ui/sortable-table.js";

// A host beats every 5 s; others on the same socket more often.
const REFRESH_MS = 4000;
let timer = 0;
const time = document.querySelector("#time");
if (time) new HostTime(time, JSON.parse(document.querySelector("#lanes-now").textContent));

enhanceSorting(document);
enhanceFilters(document);
if (document.querySelector("#flight")) {
  new LiveSocket("/ws/hosts/", { onJson: () => (timer ||= setTimeout(refresh, REFRESH_MS)) });
}

async function refresh() {
  timer = 0;
  if (document.hidden) return;
  const page = await fetchPage(location.href);
  if (!page) return;
  for (const part of ["#flight", "#continuous"]) {
    // What a person is about to press or type into stays.
    if (!document.querySelector(part)?.contains(document.activeElement)) adopt(page, part);
  }
}
