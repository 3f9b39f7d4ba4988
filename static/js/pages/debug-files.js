/** Debug files: dropped anywhere, or chosen; when all are ready the lists are shown afresh. What is missing is sorted and filtered in the page. */

import { enhanceFileDrop } from "../ui/file-drop.js";
import { enhanceFilters } from "../ui/filter.js";
import { enhanceSorting } from "../ui/sortable-table.js";
import { uploadInto } from "../ui/upload-row.js";

const chooser = document.querySelector("#file");
const list = document.querySelector(".uploads");

enhanceSorting(document);
enhanceFilters(document);
if (chooser) enhanceFileDrop(chooser, take);

async function take(files) {
  const results = await Promise.all(files.map(upload));
  if (files.length > 0 && results.every(Boolean)) location.reload();
}

/** @param {File} file  @returns {Promise<boolean>} whether it is ready */
async function upload(file) {
  const advice = "Keep only its debug information: objcopy --only-keep-debug --compress-debug-sections";
  const target = { url: "/api/v1/debug-files", maxBytes: Number(chooser.dataset.maxBytes), advice };
  const read = await uploadInto(list, file, target);
  read?.row.done(`Ready: build ${read.answer.build_id}`);
  return read !== null;
}
