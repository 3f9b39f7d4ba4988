/** What a run's state means for the person who watches it. Pure. */

import { count, duration, value as valueText } from "./format.js";

const SECOND_NS = 1e9;

/**
 * @typedef {{state: string, final: boolean, message: string, elapsed_s: number, samples: number, lost: number,
 *   profile: string|null, partial: boolean, host: string}} Run `RunChanged` of profiler/events.py
 */

/**
 * What happens now and what to do. While it records that is what the agent has to tell (it had to lower the rate, a target
 * ended), and "" when the graph says it all.
 * @param {Run} run  @returns {string}
 */
export function explain(run) {
  const reason = run.message ? ` ${sentence(run.message)}` : "";
  switch (run.state) {
    case "queued":
      return `waiting for the agent on ${run.host}; if it never answers, the run fails by itself`;
    case "starting":
      return `the agent on ${run.host} loads its BPF program`;
    case "sending":
      return "the recording is over, the last results are on their way";
    case "done":
      return "the recording is over and is being stored";
    case "cancelled":
      return `The recording was stopped.${reason}`;
    case "failed":
      return `The recording failed.${reason || " The agent gave no reason; its log may."}`;
    default:
      return run.message;
  }
}

/**
 * @param {Run} run  @param {number} durationS asked for  @param {string} noun what is counted
 * @returns {string} "7 s of 10 s · 1 386 samples · 0 lost"
 */
export function numbers(run, durationS, noun = "samples") {
  const parts = [];
  if (run.elapsed_s > 0 || run.state === "recording") {
    parts.push(`${duration(Math.floor(run.elapsed_s) * SECOND_NS)} of ${duration(durationS * SECOND_NS)}`);
  }
  if (run.samples > 0) parts.push(`${count(run.samples)} ${noun}`, `${count(run.lost)} lost`);
  return parts.join(" · ");
}

/**
 * How far a paused picture is behind. @param {{seconds: number, value: number, unit: string}} behind  @param {boolean} over the recording
 * @returns {string} "paused, 12 s and 1 188 samples behind"
 */
export function behindText({ seconds, value, unit }, over) {
  const parts = [];
  if (seconds >= 1) parts.push(duration(Math.floor(seconds) * SECOND_NS));
  if (value > 0) parts.push(valueText(value, unit));
  const far = parts.length > 0 ? `, ${parts.join(" and ")} behind` : "";
  return `paused${far}${over ? "; the recording is over" : ""}`;
}

/** @param {string} state  @returns {"good"|"bad"|"off"|"busy"} the style of the state's shape */
export function stateClass(state) {
  return { done: "good", failed: "bad", cancelled: "off" }[state] ?? "busy";
}

function sentence(text) {
  const end = /[.!?]$/.test(text) ? "" : ".";
  return text[0].toUpperCase() + text.slice(1) + end;
}
