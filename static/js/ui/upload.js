/** One file on its way to the server: sent with progress, then asked after until it is read. */

import { ApiError, csrfToken, refusal } from "./api.js";

const POLL_MS = 400;
const UNFINISHED = ["queued", "reading"];
const REFUSED = ["failed", "refused"];

/**
 * @param {string} url  @param {File} file  @param {(sent: number, total: number) => void} onProgress bytes  @param {AbortSignal} signal
 * @returns {Promise<{status_url: string}>} the server's answer  @throws {ApiError}
 */
export function send(url, file, onProgress, signal) {
  const body = new FormData();
  body.set("file", file);
  // fetch can't tell how much of a body is sent.
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onload = () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText));
      else reject(new ApiError(refusal(request.responseText, request.status)));
    };
    request.onerror = () => reject(new ApiError("The connection to the server broke off. Send it again."));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
}

/** Waits until a worker has read it. @param {string} url  @param {AbortSignal} signal  @returns {Promise<object>} what became of it  @throws {ApiError} */
export async function outcome(url, signal) {
  for (;;) {
    const response = await fetch(url, { signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new ApiError(refusal(await response.text(), response.status));
    const answer = await response.json();
    if (REFUSED.includes(answer.state)) throw new ApiError(answer.message);
    if (!UNFINISHED.includes(answer.state)) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
