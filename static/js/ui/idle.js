/** Work that nobody waits for: what the page is for is painted first. */

const LATEST_MS = 500;

/** @param {() => void} act */
export function whenIdle(act) {
  if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: LATEST_MS });
  else setTimeout(act, LATEST_MS / 2);
}
