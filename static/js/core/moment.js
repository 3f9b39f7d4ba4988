/** Points in time for people. Pure: the clock is an argument. */

import { THIN } from "./format.js";

const STEPS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
];
const NOW_MS = 2000;

/**
 * @param {number} then  @param {number} now both Unix milliseconds
 * @returns {string} "3 min ago", "in 2 h", "now"
 */
export function relative(then, now) {
  const distance = Math.abs(now - then);
  if (distance < NOW_MS) return "now";
  const [unit, size] = STEPS.find(([, ms]) => distance >= ms) ?? STEPS[STEPS.length - 1];
  const text = `${Math.floor(distance / size)}${THIN}${unit}`;
  return then <= now ? `${text} ago` : `in ${text}`;
}

/** @param {Date} date  @returns {string} local time with its zone; the day too unless it is today's */
export function local(date, now) {
  const sameDay = date.toDateString() === new Date(now).toDateString();
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  const clock = new Intl.DateTimeFormat("en-GB", time).format(date);
  if (sameDay) return clock;
  const pad = (n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock}`;
}

/** @param {Date} date  @returns {string} "2026-11-22 14:02:11 UTC" */
export function utc(date) {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
