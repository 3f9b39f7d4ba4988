/**
 * What a host's lanes show, as the URL has it; the viewer's own state is in the same URL and left alone.
 *
 *   last=15m | since=&until=   the range: live back from now, or between two moments
 *   from=&to=                  the part of it that is looked at
 *   events=<probe>             the feed whose events have a lane
 */

import { iso, rangeIn } from "./explore-state.js";
import { lengthOf } from "./time-range.js";

export const DEFAULT_LAST = "15m";

/** @typedef {{range: {last: string}|{begin: number, end: number}, part: {begin: number, end: number}|null, events: string}} LanesState */

/** @param {string} search  @returns {LanesState} what can't be read falls back to the default */
export function parse(search) {
  const given = new URLSearchParams(search);
  const last = lengthOf(given.get("last")) > 0 ? given.get("last") : DEFAULT_LAST;
  return { range: rangeIn(given, "since", "until") ?? { last }, part: rangeIn(given, "from", "to"), events: given.get("events") ?? "" };
}

/** @param {LanesState} state  @param {string} search to change  @returns {string} with its "?" unless empty */
export function format(state, search = "") {
  const result = new URLSearchParams(search);
  const put = (name, value) => (value ? result.set(name, value) : result.delete(name));
  const live = state.range.last !== undefined;
  put("last", live && state.range.last !== DEFAULT_LAST ? state.range.last : "");
  put("since", live ? "" : iso(state.range.begin));
  put("until", live ? "" : iso(state.range.end));
  put("from", state.part ? iso(state.part.begin) : "");
  put("to", state.part ? iso(state.part.end) : "");
  put("events", state.events);
  const text = result.toString();
  return text && `?${text}`;
}

/** Below /api/v1/hosts/<id>/. @param {{begin: number, end: number}} range  @param {{slots?: number, step?: number}} how */
export function countersQuery({ begin, end }, { slots, step }) {
  const query = new URLSearchParams({ since: iso(begin), until: iso(end) });
  if (slots) query.set("slots", String(slots));
  if (step) query.set("step_s", String(step / 1000));
  return `counters?${query}`;
}

/** A tree by samples' own times: for as long as these are kept, and ranges that a profile's length would blur. */
export const TIMED = { most: 900_000, kept: 47 * 3600_000 };

/** Below /api/v1/explore/. @param {string} selector  @param {{begin: number, end: number}} part  @param {number} now */
export function treeQuery(selector, { begin, end }, now) {
  const query = new URLSearchParams({ since: iso(begin), until: iso(end), selector });
  if (end - begin <= TIMED.most && now - begin <= TIMED.kept) query.set("timed", "true");
  return `tree?${query}`;
}
