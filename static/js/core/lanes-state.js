/**
 * What a host's lanes show, as the URL has it; the viewer's own state is in the same URL and left alone.
 *
 *   last=15m | since=&until=   the range: live back from now, or between two moments
 *   from=&to=                  the part of it that is looked at
 *   events=<probe>,…           feeds whose events have lanes
 *   histograms=<probe>,…       histograms whose percentiles have lanes
 *   processes=<probe>,…        counters by process that have lanes
 *   feed=<probe>               whose events of the part are listed; the first without
 *   function=<name>&module=    the function of the graph that has a lane
 */

import { iso, rangeIn } from "./explore-state.js";
import { lengthOf } from "./time-range.js";

export const DEFAULT_LAST = "15m";
/** Agents run sixteen feeds at once, for all who watch. */
export const MAX_WATCHED = 8;
export const KINDS = ["events", "histograms", "processes"];

/**
 * @typedef {{range: {last: string}|{begin: number, end: number}, part: {begin: number, end: number}|null, events: string[],
 *   histograms: string[], processes: string[], feed: string, frame: {name: string, module: string}|null}} LanesState
 */

/** @param {string} search  @returns {LanesState} what can't be read falls back to the default */
export function parse(search) {
  const given = new URLSearchParams(search);
  const last = lengthOf(given.get("last")) > 0 ? given.get("last") : DEFAULT_LAST;
  const name = given.get("function") ?? "";
  return {
    range: rangeIn(given, "since", "until") ?? { last },
    part: rangeIn(given, "from", "to"),
    ...chosen(given),
    feed: given.get("feed") ?? "",
    frame: name === "" ? null : { name, module: given.get("module") ?? "" },
  };
}

/** At most MAX_WATCHED of all kinds together, each once. */
function chosen(given) {
  let room = MAX_WATCHED;
  return Object.fromEntries(KINDS.map((kind) => {
    const names = [...new Set((given.get(kind) ?? "").split(",").filter((name) => /^[a-z][a-z0-9_]{0,31}$/.test(name)))].slice(0, room);
    room -= names.length;
    return [kind, names];
  }));
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
  for (const kind of KINDS) put(kind, state[kind].join(","));
  put("feed", state.feed);
  put("function", state.frame?.name);
  put("module", state.frame?.module);
  const text = result.toString().replaceAll("%2C", ",");
  return text && `?${text}`;
}

/** Below /api/v1/hosts/<id>/. @param {{begin: number, end: number}} range  @param {{slots?: number, step?: number}} how */
export function countersQuery(range, { slots, step }) {
  const query = rangeQuery(range);
  if (slots) query.set("slots", String(slots));
  if (step) query.set("step_s", String(step / 1000));
  return `counters?${query}`;
}

/** Below /api/v1/hosts/<id>/. @param {string} probe  @param {{begin: number, end: number}} range */
export function eventsQuery(probe, range) {
  return `events/${probe}?${rangeQuery(range)}`;
}

/** Below /api/v1/hosts/<id>/. @param {string} probe  @param {{begin: number, step: number, steps: number}} axis */
export function histogramQuery(probe, { begin, step, steps }) {
  const query = rangeQuery({ begin, end: begin + step * steps });
  query.set("step_s", String(step / 1000));
  return `histograms/${probe}?${query}`;
}

function rangeQuery({ begin, end }) {
  return new URLSearchParams({ since: iso(begin), until: iso(end) });
}

/** A tree by samples' own times: for as long as these are kept, and ranges that a profile's length would blur. */
export const TIMED = { most: 900_000, kept: 47 * 3600_000 };

/** Below /api/v1/explore/. @param {string} selector  @param {{begin: number, end: number}} part  @param {number} now */
export function treeQuery(selector, { begin, end }, now) {
  const query = new URLSearchParams({ since: iso(begin), until: iso(end), selector });
  if (end - begin <= TIMED.most && now - begin <= TIMED.kept) query.set("timed", "true");
  return `tree?${query}`;
}
