/** One file on its way to become a profile: sent with progress, then asked after until it is read. */

import { ApiError, csrfToken, refusal } from "./api.js";

const POLL_MS = 400;
const UPLOAD_URL = "/api/v1/profiles";

/**
 * @param {File} file  @param {(sent: number, total: number) => void} onProgress bytes  @param {AbortSignal} signal
 * @returns {Promise<{status_url: string}>} the server's answer  @throws {ApiError}
 */
export function send(file, onProgress, signal) {
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
    request.open("POST", UPLOAD_URL);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
}

/** Waits until a worker has read it. @param {string} url  @param {AbortSignal} signal  @returns {Promise<string[]>} ids of its profiles  @throws {ApiError} */
export async function outcome(url, signal) {
  for (;;) {
    const response = await fetch(url, { signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new ApiError(refusal(await response.text(), response.status));
    const { state, message, profiles } = await response.json();
    if (state === "failed") throw new ApiError(message);
    if (state === "done") return profiles;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
