/**
 * Ranges of time on the explore page. Pure: the clock is an argument. All times are Unix milliseconds.
 *
 * A range is `{last: "6h"}` (back from now) or `{begin, end}`. Relative ones end at a whole step, so that their pictures,
 * and the rollups that answer them, stay the same for a while.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const UNITS = { m: MINUTE, h: HOUR, d: DAY };

export const PRESETS = [
  ["15m", "15 min"],
  ["1h", "1 h"],
  ["6h", "6 h"],
  ["24h", "24 h"],
  ["7d", "7 d"],
  ["30d", "30 d"],
];
export const DEFAULT_LAST = "24h";

// profiler/core/steps.py has the same: steps of a brush are whole steps of the answer.
const STEPS = [...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND), ...[1, 2, 5, 10, 30].map((n) => n * MINUTE), ...[1, 2, 3, 6, 12].map((n) => n * HOUR), ...[1, 2, 5].map((n) => n * DAY)];
const MAX_STEPS = 180;

/** @param {number} length ms  @returns {number} ms of a step */
export function stepFor(length) {
  return STEPS.find((step) => length <= step * MAX_STEPS) ?? Math.ceil(length / MAX_STEPS);
}

/** @param {string} text "6h"  @returns {number} ms, 0 when it is no length */
export function lengthOf(text) {
  const found = /^([1-9]\d{0,3})([mhd])$/.exec(text ?? "");
  return found ? Number(found[1]) * UNITS[found[2]] : 0;
}

/** @param {{last?: string, begin?: number, end?: number}} range  @param {number} now  @returns {{begin: number, end: number}} */
export function resolve(range, now) {
  if (range.last === undefined) return { begin: range.begin, end: range.end };
  const length = lengthOf(range.last);
  const step = stepFor(length);
  const end = Math.ceil(now / step) * step;
  return { begin: end - length, end };
}

/** The range of a comparison's other side. @param {string} how  @param {{begin: number, end: number}} part */
export function baseOf(how, { begin, end }) {
  const back = { previous: end - begin, day: DAY, week: 7 * DAY }[how];
  return { begin: begin - back, end: end - back };
}

/** @param {number} ms  @returns {string} "6 h", "2 d 3 h": the two largest parts */
export function span(ms) {
  const parts = [];
  for (const [unit, size] of [["d", DAY], ["h", HOUR], ["min", MINUTE], ["s", SECOND]]) {
    const n = Math.floor(ms / size);
    ms -= n * size;
    if (n > 0) parts.push(`${n}\u2009${unit}`);
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0\u2009s";
}

const TICKS = [...STEPS.filter((step) => step >= 10 * SECOND && step !== 2 * MINUTE), 15 * MINUTE, 7 * DAY, 30 * DAY].sort((a, b) => a - b);

/**
 * Round moments of the reader's clock within a range.
 * @param {{begin: number, end: number}} range  @param {number} most how many at most
 * @returns {{at: number, day: boolean}[]} `day`: a midnight
 */
export function ticks({ begin, end }, most) {
  const step = TICKS.find((tick) => (end - begin) / tick <= most) ?? 365 * DAY;
  const found = [];
  const shift = new Date(begin).getTimezoneOffset() * MINUTE;
  for (let at = Math.ceil((begin - shift) / step) * step + shift; at <= end; at += step) {
    const date = new Date(at);
    found.push({ at, day: date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0 });
  }
  return found;
}

const pad = (n) => String(n).padStart(2, "0");

/** The reader's clock, as precise as a step needs. @param {number} at  @param {number} step */
export function clock(at, step) {
  const date = new Date(at);
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  if (step >= DAY) return dayOf(date);
  return step < MINUTE ? `${time}:${pad(date.getSeconds())}` : time;
}

/** @param {Date} date  @returns {string} "2026-11-22" */
export function dayOf(date) {
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** What an `<input type="datetime-local">` shows. @param {number} at */
export function inputValue(at) {
  const date = new Date(at);
  return `${dayOf(date)}T${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** "2026-11-22 14:00 – 15:00"; the second day only when it is another. @param {{begin: number, end: number}} range */
export function rangeText({ begin, end }) {
  const [from, to] = [new Date(begin), new Date(end)];
  const step = begin % MINUTE || end % MINUTE ? SECOND : MINUTE;
  const last = dayOf(from) === dayOf(to) ? "" : `${dayOf(to)} `;
  return `${dayOf(from)} ${clock(begin, step)} – ${last}${clock(end, step)}`;
}

/** The zone of the reader's clock: "UTC+02:00". @param {number} at */
export function zoneText(at) {
  const offset = -new Date(at).getTimezoneOffset();
  if (offset === 0) return "UTC";
  const size = Math.abs(offset);
  return `UTC${offset < 0 ? "−" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
