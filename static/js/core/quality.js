/** What a profile's quality means, in plain words. Reads the dictionary of `profiler/core/quality.py`. */

import { count, duration, share } from "./format.js";

/** Ends of a stack walk that lose nothing. */
const WHOLE = ["end", "whole", "kernel only"];

/** What to tell about causes we know; others are shown as the server names them. */
const CAUSES = {
  "map full": "The table of stacks in the kernel was full. Record a shorter time, or at a lower frequency.",
  "ring full": "The agent could not read new stacks as fast as they came: the host was very busy.",
};

/**
 * @typedef {{samples: number, lost: Object<string, number>, outcomes: Object<string, number>,
 *   unknown: Object<string, number>, skipped: Object<string, number>, agent_cpu_ns: number, bpf_ns: number,
 *   runtimes?: Object<string, number>, hints?: Object<string, number>}} Quality  kept since before runtimes were read
 * @typedef {{key: string, text: string, state: "good"|"warn"|"bad", title: string}} Fact
 */

/**
 * The trust line's facts, most important first.
 * @param {Quality} quality  @param {number} durationNs of the recording, 0 when unknown  @returns {Fact[]}
 */
export function facts(quality, durationNs) {
  const { samples } = quality;
  const lost = sum(quality.lost);
  const unknown = sum(quality.unknown);
  const walked = sum(quality.outcomes);
  const broken = walked - WHOLE.reduce((n, key) => n + (quality.outcomes[key] ?? 0), 0);
  const result = [
    { key: "samples", text: `${count(samples)} samples`, state: samples > 0 ? "good" : "warn", title: "Samples taken, lost ones included" },
    { key: "lost", text: `${count(lost)} lost`, state: grade(lost, samples), title: `${share(lost, samples)} of all samples have no stack here` },
  ];
  if (walked > 0) {
    result.push({ key: "whole", text: `${share(walked - broken, walked)} whole stacks`, state: grade(broken, walked), title: `${count(broken)} of ${count(walked)} stacks end before the thread's first function` });
  }
  result.push({ key: "unknown", text: `${share(unknown, samples)} unknown`, state: grade(unknown, samples), title: `${count(unknown)} of ${count(samples)} samples have no name for their innermost frame` });
  const skipped = sum(quality.skipped);
  if (skipped > 0) result.push({ key: "skipped", text: `${count(skipped)} parts skipped`, state: "warn", title: "Parts of the imported file that could not be read" });
  return result.concat(cost(quality, durationNs));
}

function cost(quality, durationNs) {
  const spent = quality.agent_cpu_ns + quality.bpf_ns;
  if (!(spent > 0 && durationNs > 0)) return [];
  const title = `Recording took ${duration(quality.agent_cpu_ns)} in the agent and ${duration(quality.bpf_ns)} in the kernel: a share of one CPU`;
  return [{ key: "cost", text: `cost ${share(spent, durationNs)} of a CPU`, state: grade(spent, durationNs * 2), title }];
}

/** Under half a percent nobody's conclusions change; over five percent they may. */
function grade(part, whole) {
  if (part > 0 && part >= whole * 0.05) return "bad";
  return part > whole * 0.005 ? "warn" : "good";
}

/** The worst state of the facts, in a word for people who don't see colours. @param {Fact[]} list */
export function verdict(list) {
  const states = list.map((fact) => fact.state);
  if (states.includes("bad")) return { state: "bad", word: "Read with care" };
  return states.includes("warn") ? { state: "warn", word: "Mostly whole" } : { state: "good", word: "Trustworthy" };
}

/**
 * The "why?" panel: what happened, how often, and what it means.
 * @param {Quality} quality  @returns {{title: string, rows: {cause: string, n: number, of: number, help: string}[]}[]}
 */
export function causes(quality) {
  const { samples } = quality;
  const walked = sum(quality.outcomes);
  const section = (title, counts, of, help) => ({ title, rows: rows(counts, of, help) });
  return [
    section("What would show more", quality.hints ?? {}, samples, () => ""),
    section("Lost samples, by cause", quality.lost, samples, (cause) => CAUSES[cause] ?? ""),
    section("How the walks of user stacks ended", quality.outcomes, walked, () => ""),
    section("How the frames of language runtimes were read", quality.runtimes ?? {}, samples, () => ""),
    section("Samples without a name for the innermost frame, by module", quality.unknown, samples, () => "Debug symbols for this module would name them."),
    section("Parts of the file that were not read", quality.skipped, 0, () => ""),
  ].filter(({ rows }) => rows.length > 0);
}

function rows(counts, of, help) {
  return Object.entries(counts)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([cause, n]) => ({ cause, n, of, help: help(cause) }));
}

function sum(counts) {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
