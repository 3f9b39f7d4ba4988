/** What a value of an event looks like: short in its cell, whole beside it. */

import { bytes, count, duration, THIN } from "./format.js";
import { printable } from "./labels.js";
import { isNumber } from "./feed-filter.js";

/** What a cell shows of a text: more is in no column's sight. */
const CELL_CHARACTERS = 300;
export const HIDDEN = "hidden";
/** No process has number 0, and nothing takes no time: probes say so that they don't know. */
const NOTHING_AT_0 = new Set(["pid", "duration"]);
const NOT_KNOWN = "–";

/** @typedef {import("./feed-wire.js").Field} Field */

/** @param {string|number|null} value of an EventBatch  @param {Field} field  @returns {string} */
export function cellText(value, { shows }) {
  if (value === null) return HIDDEN;
  if (shows === "time") return clock(value);
  if (value === 0 && NOTHING_AT_0.has(shows)) return NOT_KNOWN;
  if (shows === "duration") return duration(value);
  if (shows === "bytes") return bytes(value);
  if (shows === "number") return count(value);
  if (isNumber(shows)) return String(value);
  if (value === "") return "";
  return value.length > CELL_CHARACTERS ? `${printable(value.slice(0, CELL_CHARACTERS))}…` : printable(value);
}

/** All of it. @param {string|number|null} value  @param {Field} field  @returns {string} */
export function wholeText(value, field) {
  if (value === null) return "hidden by the policy of this host";
  if (field.shows === "time") return `${day(value)} ${clock(value)}, ${new Date(value).toISOString().slice(11, 19)} UTC`;
  if (value === 0 && NOTHING_AT_0.has(field.shows)) return "not known";
  if (field.shows === "duration") return `${duration(value)} (${count(value)}${THIN}ns)`;
  if (field.shows === "bytes") return `${bytes(value)} (${count(value)}${THIN}B)`;
  return typeof value === "string" && value !== "" ? printable(value) : cellText(value, field);
}

/** Local time to the microsecond. @param {number} ms Unix time  @returns {string} */
export function clock(ms) {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return "no time";
  const micro = Math.floor((ms - Math.floor(ms / 1000) * 1000) * 1000);
  return `${[date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => pad(n, 2)).join(":")}.${pad(micro, 6)}`;
}

function day(ms) {
  const date = new Date(ms);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
}

function pad(n, digits) {
  return String(n).padStart(digits, "0");
}

/**
 * A time of day as typed, "14:02", "14:02:11.5", on the day of another time or the day before it.
 * @param {string} text  @param {number} newest Unix ms  @returns {number|null} Unix ms; null: no time
 */
export function parseClock(text, newest) {
  const found = text.trim().match(/^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/);
  if (!found) return null;
  const [hours, minutes, seconds] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds >= 60) return null;
  const at = new Date(newest);
  at.setHours(hours, minutes, Math.floor(seconds), (seconds % 1) * 1000);
  // Just before midnight, asked for just after it.
  return at.getTime() > newest + 12 * 3600_000 ? at.getTime() - 24 * 3600_000 : at.getTime();
}
