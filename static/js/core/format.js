/**
 * Numbers for people. Digits are grouped by thin spaces, and nothing is rounded to a lie:
 * a small share is "<0.1 %", never "0 %"; a share that is not everything is never "100 %".
 */

export const THIN = "\u2009";

const NANOSECONDS = [
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
  ["ns", 1],
];
const BYTES = [
  ["TiB", 2 ** 40],
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
  ["B", 1],
];

/** @param {number} n  @returns {string} all digits, grouped: "2 966" */
export function count(n) {
  const [whole, fraction] = String(n).split(".");
  if (/[eE]/.test(whole)) return whole;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  return fraction ? `${grouped}.${fraction.slice(0, 3)}` : grouped;
}

/** @param {number} n  @param {string} one the word for one of them  @returns {string} "1 function", "2 966 functions" */
export function many(n, one) {
  return `${count(n)} ${one}${n === 1 ? "" : "s"}`;
}

/** The share of a part in a whole, as a percentage. @param {number} part  @param {number} whole */
export function share(part, whole) {
  if (!(whole > 0)) return `–${THIN}%`;
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.1) return `<0.1${THIN}%`;
  if (part < whole && percent > 99.9) return `>99.9${THIN}%`;
  const text = percent === 0 || part === whole ? String(Math.round(percent)) : percent.toFixed(1);
  return text + THIN + "%";
}

/** @param {number} ns  @returns {string} three digits and the unit that suits: "1.24 s" */
export function duration(ns) {
  if (ns === 0) return `0${THIN}s`;
  if (ns >= 3600e9) return `${count(Math.floor(ns / 3600e9))}${THIN}h ${Math.floor((ns % 3600e9) / 60e9)}${THIN}min`;
  if (ns >= 120e9) return `${Math.floor(ns / 60e9)}${THIN}min ${Math.floor((ns % 60e9) / 1e9)}${THIN}s`;
  return scaled(ns, NANOSECONDS);
}

/** @param {number} n  @returns {string} binary multiples: "1.5 MiB" */
export function bytes(n) {
  return scaled(n, BYTES);
}

function scaled(n, steps) {
  const [unit, size] = steps.find(([, s]) => Math.abs(n) >= s) ?? steps[steps.length - 1];
  const value = n / size;
  const whole = Number.isInteger(value) || value >= 100 || size === 1;
  return (whole ? count(Math.round(value)) : value.toPrecision(3)) + THIN + unit;
}

/**
 * A profile's value with its unit.
 * @param {number} n  @param {string} unit the wire header's `unit`
 */
export function value(n, unit) {
  if (unit === "nanoseconds") return duration(n);
  if (unit === "bytes") return bytes(n);
  const noun = n === 1 ? unit.replace(/s$/, "") : unit;
  return `${count(n)} ${noun}`;
}

/** A value where the unit is told beside it: time is never a bare number. @param {number} n  @param {string} unit */
export function amount(n, unit) {
  return unit === "nanoseconds" || unit === "bytes" ? value(n, unit) : count(n);
}

/**
 * What the samples mean in CPU time, or "" when one sample stands for no time.
 * @param {number} n samples  @param {number} periodNs
 */
export function sampledTime(n, periodNs) {
  return periodNs > 0 ? `≈${THIN}${duration(n * periodNs)}` : "";
}
