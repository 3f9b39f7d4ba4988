/** The explore page: the tree of the selection, as the API gives it; the rest of the page is links and a form. */

import { loadTree } from "../ui/selection-tree.js";
import "../ui/profile-view.js";

const view = document.querySelector("profile-view");
if (view) show();

async function show() {
  const note = document.querySelector("#explore-note");
  const { buffer, message } = await loadTree(view.dataset.tree);
  note.textContent = message;
  note.hidden = message === "";
  if (buffer) view.update(buffer);
  view.finish();
}
