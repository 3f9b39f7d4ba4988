/** The host page: its table of processes can be filtered; the flight recorder's state follows the heartbeats. */

import { enhanceFilters } from "../ui/filter.js";
import { fetchPage } from "../ui/fragment.js";
import { LiveSocket } from "../ui/socket.js";

// A host beats every 5 s; others on the same socket more often.
const REFRESH_MS = 4000;
let timer = 0;

enhanceFilters(document);
if (document.querySelector("#flight")) {
  new LiveSocket("/ws/hosts/", { onJson: () => (timer ||= setTimeout(refresh, REFRESH_MS)) });
}

async function refresh() {
  timer = 0;
  if (document.hidden) return;
  const fresh = (await fetchPage(location.href))?.querySelector("#flight");
  const shown = document.querySelector("#flight");
  // What a person is about to press or type into stays.
  if (fresh && !shown.contains(document.activeElement)) shown.replaceWith(document.adoptNode(fresh));
}
