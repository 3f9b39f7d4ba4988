/** An event in a line, and in words what is known of the events of a part. */

import { cellText, clock } from "./feed-cells.js";
import { isNumber } from "./feed-filter.js";
import { count, many } from "./format.js";
import { clock as hourText, span } from "./time-range.js";

/** A line has room for so much. */
const VALUES = 7;

/** @param {{batch: object, row: number}} place  @param {import("./feed-wire.js").Field[]} fields  @returns {string} "15:02:11.123456 began · Process 7 · cat" */
export function eventWords({ batch, row }, fields) {
  const [time, ...others] = fields;
  const told = others.map((field) => ({ field, value: batch.value(field, row) })).filter(({ value }) => value !== null && value !== "" && value !== 0);
  const texts = told.slice(0, VALUES).map(({ field, value }) => (isNumber(field.shows) ? `${field.title} ${cellText(value, field)}` : cellText(value, field)));
  return `${clock(batch.value(time, row))} ${texts.join(" · ")}`;
}

/**
 * What is held of a part's events, and what is not and why: sentences.
 * @param {{events: number, known: {spans: {begin: number, end: number}[], ms: number, missing: number, lost: Object<string, number>}, part: {begin: number, end: number}, letGo: number, cut: boolean}} of
 * @returns {string[]}
 */
export function heldWords({ events, known, part, letGo, cut }) {
  const told = [`${many(events, "event")} of this part`];
  const length = part.end - part.begin;
  if (known.ms < length - 1) told.push(known.ms === 0 ? "Nothing is known of it: nobody watched then, or it is longer ago than the ten minutes that are held" : `Known are ${span(known.ms) || "less than a second"} of ${span(length)}: ${spansText(known.spans)}. Of the rest nothing is held: nobody watched, or it is more than ten minutes ago`);
  if (known.missing > 0) told.push(`${many(known.missing, "event")} came that this page does not hold`);
  for (const [cause, n] of Object.entries(known.lost)) told.push(`${many(n, "event")} lost on the host: ${cause}`);
  if (cut) told.push("There are older ones: an answer has at most 50\u2009000 events");
  if (letGo > 0) told.push(`${count(letGo)} older ones of this feed were let go by the page`);
  return told;
}

const SHOWN = 3;

function spansText(spans) {
  const texts = spans.slice(0, SHOWN).map(({ begin, end }) => `${hourText(begin, 0)} to ${hourText(end, 0)}`);
  return spans.length > SHOWN ? `${texts.join(", ")} and ${spans.length - SHOWN} more` : texts.join(", ");
}
