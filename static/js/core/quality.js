/** How far a profile can be trusted, in a line. Reads the report of `profiler/core/report.py`. */

import { bytes, count, duration, share } from "./format.js";

/**
 * @typedef {{reason: string, count: number, advice: string, search: string}} Row
 * @typedef {Row & {fix?: string, builds?: {build_id: string, package: string, debug_package: string}[]}} ModuleRow
 * @typedef {{agent_cpu_ns: number, bpf_ns: number, cpu_share: number, bpf_ns_per_sample: number,
 *   agent_rss_bytes: number, requested_ns: number, mean_ns: number}} Cost
 * @typedef {{samples: number, whole: number|null, lost: number, unknown: number, lost_rows: Row[], cut_rows: Row[],
 *   unknown_rows: ModuleRow[], hint_rows: Row[], runtime_rows: Row[], skipped_rows: Row[], cost: Cost, noun?: string}} Report
 * @typedef {{key: string, text: string, state: "good"|"warn"|"bad", title: string}} Fact
 */

// What reports of files that were saved before others could be counted say.
const SAMPLES = "samples";

/** The one sentence that says it. @param {Report} report */
export function headline({ samples, whole, noun = SAMPLES }) {
  if (whole === null || samples === 0) return `${count(samples)} ${noun}`;
  return `${share(whole, samples)} of ${count(samples)} ${noun} are whole`;
}

/** The facts beside the headline, most important first. @param {Report} report  @returns {Fact[]} */
export function facts({ samples, whole, lost, unknown, cut_rows, skipped_rows, cost, noun = SAMPLES }) {
  const cut = sum(cut_rows);
  const result = [{ key: "lost", text: `${count(lost)} lost`, state: grade(lost, samples), title: `${share(lost, samples)} of all ${noun} have no stack here` }];
  if (whole !== null && samples > 0) {
    result.push({ key: "cut", text: `${share(cut, samples)} cut`, state: grade(cut, samples), title: `${count(cut)} stacks lack callers, or may` });
  }
  if (samples > 0) result.push({ key: "unknown", text: `${share(unknown, samples)} without a name`, state: grade(unknown, samples), title: `${count(unknown)} ${noun} have no name for their innermost frame` });
  const skipped = sum(skipped_rows);
  if (whole === null && skipped > 0) result.push({ key: "skipped", text: `${count(skipped)} parts skipped`, state: "warn", title: "Parts of the file that could not be read" });
  if (cost.mean_ns > cost.requested_ns) {
    result.push({ key: "rate", text: `rate lowered to ${hertz(cost.mean_ns)}`, state: "warn", title: `On average; ${hertz(cost.requested_ns)} were asked for. Values still stand for the same time` });
  }
  if (cost.cpu_share > 0) {
    const title = `The agent took ${duration(cost.agent_cpu_ns)}, its BPF programs ${duration(cost.bpf_ns)}: a share of one CPU`;
    result.push({ key: "cost", text: `cost ${share(cost.cpu_share, 1)} of a CPU`, state: grade(cost.cpu_share, 2), title });
  }
  return result;
}

/** Under half a percent nobody's conclusions change; over five percent they may. @returns {"good"|"warn"|"bad"} */
export function grade(part, whole) {
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
 * The panel's tables: what happened, how often, of what, and what to do. Empty ones are left out.
 * @param {Report} report
 * @returns {{key: string, title: string, about: string, reason: string, noun: string, of: number, rows: ModuleRow[]}[]}
 */
export function sections(report) {
  const { samples, noun: counted = SAMPLES } = report;
  const section = (key, title, about, rows, { of = samples, reason = "Reason", noun = capital(counted) } = {}) => ({ key, title, about, reason, noun, of, rows });
  return [
    section("hints", "What would show more", "", report.hint_rows, { reason: "What to do" }),
    section("cut", "Cut stacks", "Callers are missing. Where they are the outermost ones, the stack begins with a hatched frame that names the reason; what is inside is right.", report.cut_rows),
    section("unknown", "Functions without a name", `${capital(counted)} whose innermost function is an address only, by module.`, report.unknown_rows, { reason: "Module" }),
    section("lost", `Lost ${counted}`, "Taken, but without a stack here.", report.lost_rows),
    section("runtimes", "Language runtimes", "How their frames were read.", report.runtime_rows),
    section("skipped", "Not read", "Each thing counts once.", report.skipped_rows, { of: 0, noun: "Things" }),
  ].filter(({ rows }) => rows.length > 0);
}

/** What the recording took of its host. @param {Report} report  @returns {{term: string, text: string, note: string}[]} */
export function costs({ cost, samples, cut_rows, noun = SAMPLES }) {
  const list = [];
  const isFirst = cut_rows.some(({ reason }) => reason === "file not parsed yet");
  const add = (shown, term, text, note) => shown && list.push({ term, text, note });
  add(cost.agent_cpu_ns > 0, "Agent", `${duration(cost.agent_cpu_ns)} of CPU`, `the whole agent with its helpers${isFirst ? ", which made unwind tables of programs they had not met: that is done once" : ""}`);
  add(cost.bpf_ns > 0, "In the kernel", `${duration(Math.round(cost.bpf_ns_per_sample))} ${noun === SAMPLES ? "a sample" : "an event"}`, `${duration(cost.bpf_ns)} for ${count(samples)} ${noun}, by the kernel's own account`);
  add(cost.agent_rss_bytes > 0, "Memory", bytes(cost.agent_rss_bytes), "the agent's largest");
  add(cost.mean_ns > cost.requested_ns, "Rate", `${hertz(cost.mean_ns)} instead of ${hertz(cost.requested_ns)}`, "on average, lowered to keep the agent's limit; each sample weighs as much more");
  return list;
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}

function hertz(periodNs) {
  return `${Number((1e9 / periodNs).toPrecision(3))}\u2009Hz`;
}

function sum(rows) {
  return rows.reduce((total, row) => total + row.count, 0);
}

/**
 * A sentence in pieces: options of programs, which a person types as they stand, and what is between them.
 * @param {string} sentence  @returns {{text: string, isOption: boolean}[]}
 */
export function options(sentence) {
  const pieces = sentence.split(/(?<![^\s(])((?:[A-Z_]+=)?--?[A-Za-z][\w:+=-]*)/);
  return pieces.map((text, place) => ({ text, isOption: place % 2 === 1 })).filter(({ text }) => text);
}
