/** One file on its way to become a profile: sent with progress, then asked after until it is read. */

const POLL_MS = 400;

/** A refusal in the server's words. */
export class UploadError extends Error {
  name = "UploadError";
}

/**
 * @param {string} url  @param {File} file  @param {string} csrf
 * @param {(sent: number, total: number) => void} onProgress bytes  @param {AbortSignal} signal
 * @returns {Promise<object>} the server's answer: state, message, profiles, status  @throws {UploadError}
 */
export function send(url, file, csrf, onProgress, signal) {
  const body = new FormData();
  body.set("file", file);
  // fetch can't tell how much of a body is sent.
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onload = () => settle(request, resolve, reject);
    request.onerror = () => reject(new UploadError("The connection to the server broke off. Send it again."));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrf);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
}

function settle(request, resolve, reject) {
  try {
    const answer = JSON.parse(request.responseText);
    if (request.status === 201) resolve(answer);
    else reject(new UploadError(answer.detail));
  } catch {
    reject(new UploadError(request.responseText.slice(0, 300) || `The server answered with status ${request.status}. Send it again.`));
  }
}

/** Until a worker has read it. @param {string} url  @param {AbortSignal} signal  @returns {Promise<string[]>} pages of its profiles  @throws {UploadError} */
export async function outcome(url, signal) {
  for (;;) {
    const response = await fetch(url, { signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new UploadError(`The server forgot this upload (status ${response.status}). Send it again.`);
    const { state, message, profiles } = await response.json();
    if (state === "failed") throw new UploadError(message);
    if (state === "done") return profiles;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
