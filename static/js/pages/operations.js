/** The operations page draws itself again while somebody looks at it. */

import { fetchPage } from "../ui/fragment.js";
import { showTimes } from "../ui/when.js";

const REFRESH_MS = 10_000;

setInterval(refresh, REFRESH_MS);

async function refresh() {
  const shown = document.querySelector("#operations");
  if (document.hidden || shown.contains(document.activeElement)) return;
  const fresh = (await fetchPage(location.href))?.querySelector("#operations");
  if (!fresh) return;
  // What a person has opened stays open.
  const open = [...shown.querySelectorAll("details")].map((one) => one.open);
  [...fresh.querySelectorAll("details")].forEach((one, i) => (one.open = open[i] ?? one.open));
  shown.replaceWith(document.adoptNode(fresh));
  showTimes(fresh);
}
