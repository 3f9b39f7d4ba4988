/** The list of profiles takes files: dropped anywhere, or chosen. Filters send themselves. */

import { bytes } from "../core/format.js";
import { ApiError } from "../ui/api.js";
import { element } from "../ui/element.js";
import { outcome, send } from "../ui/upload.js";

const chooser = document.querySelector("#file");
const list = document.querySelector(".uploads");
let inside = 0;

for (const select of document.querySelectorAll("[data-submit]")) select.addEventListener("change", () => select.form.requestSubmit());

if (chooser) {
  chooser.addEventListener("change", () => {
    take([...chooser.files]);
    chooser.value = "";
  });
  addEventListener("dragenter", (event) => hint(event, 1));
  addEventListener("dragleave", (event) => hint(event, -1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", drop);
}

/** Entering a child comes before leaving its parent, so the two are counted. */
function hint(event, step) {
  if (!event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  inside = Math.max(0, inside + step);
  document.body.classList.toggle("dropping", inside > 0);
}

function drop(event) {
  event.preventDefault();
  inside = 0;
  document.body.classList.remove("dropping");
  take([...event.dataTransfer.files]);
}

/** One file opens as a profile; several refresh the list. */
async function take(files) {
  const results = await Promise.all(files.map(upload));
  const read = results.filter((pages) => pages !== null);
  if (files.length === 1 && read.length === 1 && read[0].length === 1) location.assign(read[0][0]);
  else if (read.length === files.length && files.length > 0) location.assign(location.pathname);
}

/** @param {File} file  @returns {Promise<string[]|null>} pages of its profiles; null when refused or cancelled */
async function upload(file) {
  const row = new Row(file.name);
  list.append(row.node);
  const { signal } = row.cancelled;
  try {
    if (file.size > Number(chooser.dataset.maxBytes)) throw new ApiError(`${bytes(file.size)} are over the limit of ${bytes(Number(chooser.dataset.maxBytes))}. Filter it or split it.`);
    const answer = await send(file, (sent, total) => row.sent(sent, total), signal);
    row.say("Reading…");
    const pages = (await outcome(answer.status_url, signal)).map((id) => `/profiles/${id}/`);
    row.done(pages);
    return pages;
  } catch (error) {
    if (signal.aborted) row.node.remove();
    else if (error instanceof ApiError) row.failed(error.message);
    else row.failed("The connection to the server broke off. Reload the page to see whether the file was read.");
    return null;
  }
}

class Row {
  cancelled = new AbortController();
  #bar = element("progress", { max: 1, value: 0, "aria-label": "Sent" });
  #text = element("span", { class: "upload-text" }, "Sending…");
  #verb = element("button", { type: "button", class: "quiet", onclick: () => this.#stop() }, "Cancel");

  #name;

  constructor(name) {
    this.#name = name;
    this.node = element("li", { class: "upload" }, element("span", { class: "upload-name" }, name), this.#bar, this.#text, this.#verb);
  }

  sent(sent, total) {
    this.#bar.value = sent / total;
    this.say(sent < total ? `Sending, ${bytes(sent)} of ${bytes(total)}` : "Sent; waiting for the server…");
  }

  say(text) {
    this.#text.textContent = text;
  }

  done(pages) {
    this.#bar.remove();
    this.#verb.remove();
    this.#text.replaceChildren("Read: ", ...pages.map((page, i) => element("a", { href: page }, pages.length > 1 ? `profile ${i + 1} ` : "open the profile")));
  }

  failed(reason) {
    this.#bar.remove();
    this.node.classList.add("failed");
    this.say(reason.replace(`${this.#name}: `, ""));
    this.#verb.textContent = "Dismiss";
  }

  #stop() {
    this.cancelled.abort(new ApiError("cancelled"));
    this.node.remove();
  }
}
