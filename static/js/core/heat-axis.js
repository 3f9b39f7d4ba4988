/** Marks of a time axis that counts from a recording's start. */

/** Round for people: seconds and parts of them, minutes, hours. */
const STEPS_S = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
const THIN = "\u2009";

/** @typedef {{at: number, text: string}} Mark seconds after the start */

/**
 * @param {number} endS right end of the axis  @param {number} most about so many marks  @param {number} [fromS] left end
 * @returns {Mark[]} none at the very end: its text would have no room
 */
export function timeMarks(endS, most, fromS = 0) {
  const length = endS - fromS;
  if (!(length > 0)) return [];
  const step = STEPS_S.find((one) => length / one <= most) ?? STEPS_S.at(-1) * Math.ceil(length / STEPS_S.at(-1) / most);
  const [first, end] = [Math.ceil(fromS / step - 1e-9), Math.ceil(endS / step - 1e-9)];
  return Array.from({ length: end - first }, (_, i) => ({ at: (first + i) * step, text: timeText((first + i) * step, step) }));
}

/** @param {number} s  @param {number} step between marks */
function timeText(s, step) {
  if (step < 60) return `${Number(s.toFixed(4))}${THIN}s`;
  return step < 3600 ? `${Math.round(s / 60)}${THIN}min` : `${Math.round(s / 3600)}${THIN}h`;
}

/** How far into its column a row is, for the three rows that are labelled. @param {number} columnS  @returns {Mark[]} */
export function offsetMarks(columnS) {
  const text = (s) => (s === 0 ? "0" : s < 1 ? `${Math.round(s * 1000)}${THIN}ms` : timeText(s, columnS > 60 ? 60 : 1));
  return [0, columnS / 2, columnS].map((at) => ({ at, text: text(at) }));
}
