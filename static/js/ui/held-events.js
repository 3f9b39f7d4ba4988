/** Events that a feed's stream still holds of a part of the time, as messages of the feed's socket. */

import { eventsQuery } from "../core/lanes-state.js";
import { refusal } from "./api.js";

/**
 * @param {string} host  @param {string} probe  @param {{begin: number, end: number}} range Unix ms  @param {object} [values] the probe's parameters
 * @returns {Promise<{messages: ArrayBuffer[], cut: boolean}>} `cut`: older ones were left out of a long answer
 */
export async function heldEvents(host, probe, range, values = {}) {
  const parameters = new URLSearchParams(values).toString();
  const response = await fetch(`/api/v1/hosts/${encodeURIComponent(host)}/${eventsQuery(probe, range)}${parameters && `&${parameters}`}`);
  if (!response.ok) throw new Error(refusal(await response.text(), response.status));
  return { messages: messagesIn(await response.arrayBuffer()), cut: response.headers.get("X-Cut") === "true" };
}

/** Each behind its length. @param {ArrayBuffer} answer  @returns {ArrayBuffer[]} */
function messagesIn(answer) {
  const view = new DataView(answer);
  const found = [];
  for (let at = 0; at < answer.byteLength; ) {
    const length = Number(view.getBigUint64(at, true));
    found.push(answer.slice(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return found;
}
