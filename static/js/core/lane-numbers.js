/** The numbers of lanes, for people: with their units, at a moment and over a range. */

import { bytes, count, duration, THIN } from "./format.js";

/** @param {number|null} value  @param {string} unit a lane's  @returns {string} "–" when it is not known */
export function laneText(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "percent") return percentText(value);
  if (unit === "bytes") return bytes(Math.round(value));
  if (unit === "bytes/s") return `${bytes(Math.round(value))}/s`;
  if (unit === "ns") return duration(Math.round(value));
  return plain(value) + (unit === "/s" ? "/s" : "");
}

function percentText(value) {
  if (value > 0 && value < 0.1) return `<0.1${THIN}%`;
  return `${value === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)}${THIN}%`;
}

/** Three digits where there are not more before the point. */
function plain(value) {
  if (value > 0 && value < 0.01) return "<0.01";
  return value >= 100 ? count(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/**
 * What a range had: of all parts of all lanes.
 * @param {{lane: import("./host-lanes.js").Lane, parts: import("./host-lanes.js").Part[]}[]} shown  @param {number} from  @param {number} to steps
 * @returns {{lane: string, part: string, known: number, last: string, mean: string, least: string, most: string}[]} `known`: how many steps are
 */
export function tableRows(shown, from, to) {
  return shown.flatMap(({ lane, parts }) => parts.map(({ name, values }) => {
    const known = values.slice(from, to).filter((value) => value !== null);
    const text = (value) => laneText(known.length ? value : null, lane.unit);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    return { lane: lane.title, part: name, known: known.length, last: text(known.at(-1)), mean: text(mean), least: text(Math.min(...known)), most: text(Math.max(...known)) };
  }));
}

/** What a screen reader hears of a moment. @param {{lane: import("./host-lanes.js").Lane, parts: import("./host-lanes.js").Part[]}[]} shown  @param {number} step */
export function momentWords(shown, step) {
  return shown
    .filter(({ parts }) => parts.some(({ values }) => values[step] !== null))
    .map(({ lane, parts }) => `${lane.title}: ${parts.map(({ name, values }) => `${name} ${laneText(values[step], lane.unit)}`).join(", ")}`)
    .join("; ");
}
