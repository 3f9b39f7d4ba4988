/** The list of profiles takes files: dropped anywhere, or chosen. Filters send themselves. */

import { element } from "../ui/element.js";
import { enhanceFileDrop } from "../ui/file-drop.js";
import { uploadInto } from "../ui/upload-row.js";

const chooser = document.querySelector("#file");
const list = document.querySelector(".uploads");

for (const select of document.querySelectorAll("[data-submit]")) select.addEventListener("change", () => select.form.requestSubmit());
if (chooser) enhanceFileDrop(chooser, take);

/** One file opens as a profile; several refresh the list. */
async function take(files) {
  const results = await Promise.all(files.map(upload));
  const read = results.filter((pages) => pages !== null);
  if (files.length === 1 && read.length === 1 && read[0].length === 1) location.assign(read[0][0]);
  else if (read.length === files.length && files.length > 0) location.assign(location.pathname);
}

/** @param {File} file  @returns {Promise<string[]|null>} pages of its profiles; null when refused or cancelled */
async function upload(file) {
  const target = { url: "/api/v1/profiles", maxBytes: Number(chooser.dataset.maxBytes), advice: "Filter it or split it." };
  const read = await uploadInto(list, file, target);
  if (read === null) return null;
  const pages = read.answer.profiles.map((id) => `/profiles/${id}/`);
  read.row.done("Read: ", ...pages.map((page, i) => element("a", { href: page }, pages.length > 1 ? `profile ${i + 1} ` : "open the profile")));
  return pages;
}
