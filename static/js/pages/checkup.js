/** A 60-second check fills itself while it goes on. */

import { adopt, fetchPage } from "../ui/fragment.js";

const REFRESH_MS = 2000;

setTimeout(refresh, REFRESH_MS);

async function refresh() {
  const page = document.hidden ? null : await fetchPage(location.pathname);
  if (page) adopt(page, "#checkup");
  if (document.querySelector("#checkup")?.dataset.final !== "true") setTimeout(refresh, REFRESH_MS);
}
