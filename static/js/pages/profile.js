/** The profile page's verbs: sharing, exporting. Listens on the document, because a live run's page becomes this one. */

import { listenForSharing } from "../ui/share-dialog.js";

const view = () => document.querySelector("profile-view").viewQuery;

// The link opens with what is on screen now: zoom, search, colours.
listenForSharing(() => ({ view_state: view().slice(1) }));
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("a[download]");
  if (link) exportAsShown(link);
});

/** The file has its stacks below the same names as the picture. */
function exportAsShown(link) {
  const group = new URLSearchParams(view()).get("group");
  link.search = group === null ? "" : `?group=${encodeURIComponent(group)}`;
}
