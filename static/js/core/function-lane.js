/** The lane of a function that was selected in a graph: when it ran, of the explore API's answer about functions. */

import { PERCENT } from "./host-lanes.js";

/** As many as the API tells of. */
export const TOP = 200;

/** @typedef {{name: string, module: string}} Frame */

/** @param {object} answer of `/api/v1/explore/functions`  @param {Frame} frame  @returns {{name: string, begin: number, step: number, ns: (number|null)[]}|null} null: it is none of the largest */
export function courseOf({ begin_ms: begin, step_ms: step, functions }, frame) {
  const found = functions.find(({ name, module }) => name === frame.name && module === frame.module);
  if (!found) return null;
  // Where nothing at all ran, nothing was sampled.
  const sampled = found.total.map((_, i) => functions.some(({ total }) => total[i] > 0));
  return { name: found.name, begin, step, ns: found.total.map((ns, i) => (sampled[i] ? ns : null)) };
}

/** @param {() => ReturnType<typeof courseOf>} course what is selected now  @returns {import("./host-lanes.js").Lane} */
export function functionLane(course) {
  return {
    id: "function", title: "Selected function", about: "Its CPU time with what it called, of one CPU", unit: "percent", shape: "lines", least: 1,
    parts: (data) => (course() ? [{ name: course().name, tone: 3, values: onSteps(course(), data) }] : []),
  };
}

/** Shares of one CPU, by what holds at the middle of each step. */
function onSteps({ begin, step, ns }, data) {
  return Array.from({ length: data.steps }, (_, i) => {
    const value = ns[Math.floor((data.begin + (i + 0.5) * data.step - begin) / step)];
    return value === undefined || value === null ? null : (PERCENT * value) / (step * 1e6);
  });
}
