/** One file on its way to the server: its name, how far it is, what came of it. */

import { bytes } from "../core/format.js";
import { ApiError } from "./api.js";
import { element } from "./element.js";
import { outcome, send } from "./upload.js";

/**
 * Sends a file, shows how far it is in a new row of the list, and waits until the server has read it.
 * @param {HTMLElement} list  @param {File} file  @param {{url: string, maxBytes: number, advice: string}} target
 *   where to, how much it takes, what to do about more
 * @returns {Promise<{row: UploadRow, answer: object}|null>} what the server made of it; null when refused or cancelled
 */
export async function uploadInto(list, file, { url, maxBytes, advice }) {
  const row = new UploadRow(file.name);
  list.append(row.node);
  const { signal } = row.cancelled;
  try {
    if (file.size > maxBytes) throw new ApiError(`${bytes(file.size)} are over the limit of ${bytes(maxBytes)}. ${advice}`);
    const sent = await send(url, file, (done, total) => row.sent(done, total), signal);
    row.say("Reading…");
    return { row, answer: await outcome(sent.status_url, signal) };
  } catch (error) {
    if (signal.aborted) row.node.remove();
    else if (error instanceof ApiError) row.failed(error.message);
    else row.failed("The connection to the server broke off. Reload the page to see whether the file was read.");
    return null;
  }
}

class UploadRow {
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

  /** @param {...(Node|string)} parts what it became */
  done(...parts) {
    this.#bar.remove();
    this.#verb.remove();
    this.#text.replaceChildren(...parts);
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
