/**
 * What the explore page shows, as the URL has it. The viewer's own state (core/viewstate.js) is in the same URL and left alone.
 *
 *   kind                         what the profiles are of: a probe's name
 *   selector, by                 which profiles, and the label whose values are stacked in the timeline
 *   last=6h | since=&until=      the range of the timeline
 *   from=&to=                    the part of it that is looked at; the whole range without
 *   graph_by                     the label that the graph is grouped by
 *   vs=previous|day|week|range|labels, vs_since=&vs_until=, vs_selector=, swap=1    what it is compared with
 *   rows=1                       a heat map below the bars, a row for each value of the label `by`
 *   tab=graph|functions|changes, order=own|total, fn=<name>
 */

import { DEFAULT_LAST, baseOf, lengthOf, resolve } from "./time-range.js";

export const TABS = ["graph", "functions", "changes"];
export const COMPARISONS = ["", "previous", "day", "week", "range", "labels"];
const ORDERS = ["total", "own"];
const DEFAULT_BY = "service";
export const CPU = "cpu";

/**
 * @typedef {object} ExploreState
 * @property {string} selector  @property {string} by  @property {string} graphBy
 * @property {{last: string}|{begin: number, end: number}} range  @property {{begin: number, end: number}|null} part
 * @property {string} vs  @property {{begin: number, end: number}|null} vsRange  @property {string} vsSelector
 * @property {boolean} swap  @property {string} tab  @property {"total"|"own"} order  @property {string} fn
 * @property {boolean} rows  @property {string} kind
 */

/** @param {string} search a URL's query string  @returns {ExploreState} what can't be read falls back to the default */
export function parse(search) {
  const given = new URLSearchParams(search);
  const oneOf = (name, allowed) => (allowed.includes(given.get(name)) ? given.get(name) : allowed[0]);
  const absolute = rangeIn(given, "since", "until");
  const last = lengthOf(given.get("last")) > 0 ? given.get("last") : DEFAULT_LAST;
  const vs = oneOf("vs", COMPARISONS);
  const vsRange = rangeIn(given, "vs_since", "vs_until");
  return {
    kind: given.get("kind") || CPU,
    selector: given.get("selector") ?? "",
    by: given.get("by") ?? DEFAULT_BY,
    graphBy: given.get("graph_by") ?? "",
    range: absolute ?? { last },
    part: rangeIn(given, "from", "to"),
    vs: vs === "range" && vsRange === null ? "previous" : vs,
    vsRange,
    vsSelector: given.get("vs_selector") ?? "",
    swap: given.get("swap") === "1",
    tab: oneOf("tab", TABS),
    order: oneOf("order", ORDERS),
    fn: given.get("fn") ?? "",
    rows: given.get("rows") === "1",
  };
}

/** @param {ExploreState} state  @param {string} search the query string to change  @returns {string} with its "?" unless empty */
export function format(state, search = "") {
  const result = new URLSearchParams(search);
  const put = (name, value, absent = "") => (value === absent ? result.delete(name) : result.set(name, value));
  const putRange = (range, from, to) => {
    put(from, range ? iso(range.begin) : "");
    put(to, range ? iso(range.end) : "");
  };
  const absolute = state.range.last === undefined;
  put("kind", state.kind, CPU);
  put("selector", state.selector);
  put("by", state.by, DEFAULT_BY);
  put("graph_by", state.graphBy);
  put("last", absolute ? "" : state.range.last === DEFAULT_LAST ? "" : state.range.last);
  putRange(absolute ? state.range : null, "since", "until");
  putRange(state.part, "from", "to");
  put("vs", state.vs);
  putRange(state.vs === "range" ? state.vsRange : null, "vs_since", "vs_until");
  put("vs_selector", state.vs === "labels" ? state.vsSelector : "");
  put("swap", state.swap && state.vs ? "1" : "");
  put("tab", state.tab, TABS[0]);
  put("order", state.order, ORDERS[0]);
  put("fn", state.fn);
  put("rows", state.rows ? "1" : "");
  const text = result.toString();
  return text === "" ? "" : `?${text}`;
}

/** The ranges that a state means at a moment. @param {ExploreState} state  @param {number} now */
export function ranges(state, now) {
  const range = resolve(state.range, now);
  const part = within(state.part, range) ?? range;
  if (state.vs === "") return { range, part, base: null };
  if (state.vs === "labels") return { range, part, base: part };
  return { range, part, base: state.vs === "range" ? state.vsRange : baseOf(state.vs, part) };
}

/** What the API is asked for. @param {string} selector  @param {{begin: number, end: number}} range  @param {string} by  @param {string} prefix */
export function question(selector, { begin, end }, by = "", prefix = "") {
  const query = new URLSearchParams();
  query.set(`${prefix}since`, iso(begin));
  query.set(`${prefix}until`, iso(end));
  if (selector) query.set(`${prefix}selector`, selector);
  if (by) query.set("by", by);
  return query.toString();
}

/** What is added to a question about profiles of a kind. @param {string} kind */
export function kindQuery(kind) {
  return kind === CPU ? "" : `&${new URLSearchParams({ kind })}`;
}

/** The tree, or both of them. @param {ExploreState} state  @param {number} now  @returns {string} below /api/v1/explore/ */
export function treeQuery(state, now) {
  const { part, base } = ranges(state, now);
  const asked = question(state.selector, part, state.graphBy) + kindQuery(state.kind);
  if (base === null) return `tree?${asked}`;
  const selector = state.vs === "labels" ? state.vsSelector : state.selector;
  return `diff?${asked}&${question(selector, base, "", "base_")}`;
}

function within(part, range) {
  if (part === null) return null;
  const [begin, end] = [Math.max(part.begin, range.begin), Math.min(part.end, range.end)];
  return begin < end ? { begin, end } : null;
}

/** @param {URLSearchParams} given  @param {string} from  @param {string} to their names  @returns {{begin: number, end: number}|null} */
export function rangeIn(given, from, to) {
  const [begin, end] = [Date.parse(given.get(from) ?? ""), Date.parse(given.get(to) ?? "")];
  return begin >= 0 && end > begin ? { begin, end } : null;
}

/** @param {number} ms  @returns {string} as in a URL */
export function iso(ms) {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
