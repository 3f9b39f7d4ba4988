/** A 60-second check fills itself while it goes on; then it can be shared. */

import { adopt, fetchPage } from "../ui/fragment.js";
import { listenForSharing } from "../ui/share-dialog.js";

const REFRESH_MS = 2000;

listenForSharing();
if (!isFinal()) setTimeout(refresh, REFRESH_MS);

async function refresh() {
  const page = document.hidden ? null : await fetchPage(location.pathname);
  if (page) for (const part of ["#checkup", "#checkup-verbs"]) adopt(page, part);
  if (!isFinal()) setTimeout(refresh, REFRESH_MS);
}

function isFinal() {
  return document.querySelector("#checkup")?.dataset.final === "true";
}
