/** Fetches a tree message, with progress for big ones and errors that say what to do. */

import { WireError } from "../core/wire.js";
import { readAny } from "../core/diff.js";
import { takeEarly } from "./early-tree.js";

// Below this a progress bar would only flicker, and one read is faster than many chunks.
const PROGRESS_BYTES = 2_000_000;

/** What went wrong in a form for people: what, why, what now. */
export class LoadError extends Error {
  name = "LoadError";

  /** @param {string} title  @param {string} advice  @param {boolean} again whether trying again can help */
  constructor(title, advice, again) {
    super(title);
    this.advice = advice;
    this.again = again;
  }
}

/**
 * @param {string} url  @param {(done: number, total: number) => void} onProgress bytes  @param {AbortSignal} signal
 * @param {object} sides how one with two sides is read (core/diff.js)
 * @returns {Promise<import("../core/tree.js").Tree>}  @throws {LoadError}
 */
export async function loadTree(url, onProgress, signal, sides) {
  const early = await takeEarly(url);
  signal.throwIfAborted();
  if (early) return early;
  const response = await request(url, signal);
  if (!response.ok) throw refused(response.status, await words(response));
  return parse(await body(response, onProgress, signal), sides);
}

/** @param {string} url  @returns {Promise<any>}  @throws {LoadError} */
export async function loadJson(url) {
  const response = await request(url, new AbortController().signal);
  if (!response.ok) throw refused(response.status, await words(response));
  try {
    return await response.json();
  } catch {
    throw new LoadError("The server's answer arrived damaged", "It was cut short, or is no JSON. Try again.", true);
  }
}

/**
 * When samples were taken, in counts (profiler/query/moments.py). @param {string} url
 * @returns {Promise<{counts: number[][], all_samples: number, last_ns: number}>} and more, by what was asked for  @throws {LoadError}
 */
export async function loadMoments(url) {
  const answer = await loadJson(url);
  const { counts, all_samples: all, last_ns: last } = answer ?? {};
  if (Array.isArray(counts) && counts.every(Array.isArray) && Number.isFinite(all) && Number.isFinite(last)) return answer;
  throw new LoadError("The server's answer is not one that this page knows", "Reload the page to get the newest; if it stays, something between this browser and the server changed the answer.", true);
}

/** @param {ArrayBuffer} buffer  @param {object} [sides]  @returns {import("../core/tree.js").Tree}  @throws {LoadError} */
export function parse(buffer, sides) {
  try {
    return readAny(buffer, sides);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new LoadError("The profile's data arrived damaged", `${error.message}. Try again; if it stays, the profile itself may be damaged.`, true);
  }
}

async function request(url, signal) {
  try {
    const response = await fetch(url, { signal, credentials: "same-origin" });
    signal.throwIfAborted();
    return response;
  } catch (error) {
    if (signal.aborted) throw error;
    throw new LoadError("The server did not answer", "It may be down, or the network between. Check that webprof is running and try again.", true);
  }
}

async function body(response, onProgress, signal) {
  const total = response.headers.has("Content-Encoding") ? 0 : Number(response.headers.get("Content-Length") ?? 0);
  try {
    return total > PROGRESS_BYTES ? await readInto(response, total, onProgress) : await response.arrayBuffer();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new LoadError("The connection broke off", "The profile arrived only in part. Try again.", true);
  }
}

async function readInto(response, total, onProgress) {
  const bytes = new Uint8Array(total);
  const reader = response.body.getReader();
  let done = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes.set(part.value, done);
    done += part.value.length;
    onProgress(done, total);
  }
  // Shorter than announced: give only what came, so that the reader can say where it is cut.
  return done === total ? bytes.buffer : bytes.buffer.slice(0, done);
}

/** The server's own words of a refusal, or "". */
async function words(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return "";
  }
}

function refused(status, reason) {
  if (status === 422 && reason) return new LoadError("The server refused the question", reason, false);
  if (status === 404) return new LoadError("This profile is not here", "It was deleted, or the link was revoked or mistyped. Look for it in the list of profiles.", false);
  if (status === 401 || status === 403) return new LoadError("You may not see this profile", "Log in, or ask its owner for a share link.", false);
  return new LoadError(`The server could not send the profile (status ${status})`, "Try again; the server's log says more.", true);
}
