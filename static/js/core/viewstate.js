/**
 * The view state is the URL: `?view=flame|icicle&zoom=<path>&q=<regex>&pin=<regex>…&find=fuzzy&color=<palette>&group=<GROUP_PARTS>&stacks=all|whole|cut`.
 * With two sides also `change=relative|absolute`; with one also `show=graph|table|sandwich|tree|chart`, `do=<step>` once per step
 * (core/transforms.js), `fn=<target>` the function that is looked at (core/targets.js), `sort=<column>` of the table. Of profiles with times also `heat=offset|thread|process|cpu`, `at=<from>-<to>` and `base=<from>-<to>` once per part (core/spans.js), `ran=<name>`, `time=<from>-<to>` and `lane=<name>` of the chart. Defaults are left out, what we don't know is left alone, and values we can't read fall back to the default.
 */

import { COLORS } from "./palettes.js";

/**
 * @typedef {object} ViewState
 * @property {"icicle"|"flame"} view
 * @property {string} zoom path of the zoomed frame, "" for the root
 * @property {string} q what is searched for  @property {string} pins terms that are searched for beside it, one a line (core/search-terms.js)
 * @property {boolean} fuzzy whether both are fuzzy text instead of regular expressions
 * @property {string} color a palette
 * @property {string|null} group comma-separated GROUP_PARTS, outermost first; "" for none; null: what the server gives
 * @property {"all"|"whole"|"cut"} stacks cut ones lack their outermost callers
 * @property {"relative"|"absolute"} change how two sides are compared
 * @property {"graph"|"table"|"sandwich"|"tree"|"chart"} show
 * @property {string} trail steps, as `formatTrail` gives them
 * @property {string} fn target, "" for none  @property {string} sort
 * @property {string} heat rows of the heat map  @property {string} ran function whose times it shows, "" for all
 * @property {string} at parts of the time (core/spans.js)  @property {string} base those they are compared with
 * @property {string} time what the chart shows, as a span; "" for all that is selected  @property {string} lane the one it is scrolled to, "" for the first
 */

export const VIEWS = ["icicle", "flame"];
export const CHANGES = ["relative", "absolute"];
export const SHOWN = ["graph", "table", "sandwich", "tree", "chart"];
/** Rows of the heat map, "" when it is closed. */
export const HEATS = ["", "offset", "thread", "process", "cpu"];
export const STACKS = ["all", "whole", "cut"];
export const GROUP_PARTS = ["comm", "pid", "tid", "cgroup", "container", "unit"];

/** @param {string} search a URL's query string  @returns {ViewState} */
export function parse(search) {
  const given = new URLSearchParams(search);
  const oneOf = (name, allowed) => (allowed.includes(given.get(name)) ? given.get(name) : allowed[0]);
  return {
    view: oneOf("view", VIEWS),
    zoom: given.get("zoom") ?? "",
    q: given.get("q") ?? "",
    pins: given.getAll("pin").join("\n"),
    fuzzy: given.get("find") === "fuzzy",
    color: oneOf("color", COLORS),
    group: parseGroup(given.get("group")),
    stacks: oneOf("stacks", STACKS),
    change: oneOf("change", CHANGES),
    show: oneOf("show", SHOWN),
    trail: given.getAll("do").join("\n"),
    fn: given.get("fn") ?? "",
    sort: given.get("sort") ?? "",
    heat: oneOf("heat", HEATS),
    at: given.getAll("at").join("\n"),
    base: given.getAll("base").join("\n"),
    ran: given.get("ran") ?? "",
    time: given.get("time") ?? "",
    lane: given.get("lane") ?? "",
  };
}

/**
 * @param {ViewState} state  @param {string} search the query string to change
 * @returns {string} the new one, with its "?" unless empty
 */
export function format(state, search = "") {
  const result = new URLSearchParams(search);
  // Always in this order, whatever was set first: the same view has the same address.
  const put = (name, value, absent) => putAll(name, value === absent ? [] : [value]);
  const putAll = (name, values) => {
    result.delete(name);
    for (const value of values) result.append(name, value);
  };
  put("view", state.view, VIEWS[0]);
  put("zoom", state.zoom, "");
  put("q", state.q, "");
  putAll("pin", lines(state.pins));
  put("find", state.fuzzy ? "fuzzy" : "", "");
  put("color", state.color, COLORS[0]);
  put("group", state.group, null);
  put("stacks", state.stacks, STACKS[0]);
  put("change", state.change, CHANGES[0]);
  put("show", state.show, SHOWN[0]);
  put("fn", state.fn, "");
  put("sort", state.sort, "");
  put("heat", state.heat, HEATS[0]);
  putAll("at", lines(state.at));
  putAll("base", lines(state.base));
  put("ran", state.ran, "");
  put("time", state.time, "");
  put("lane", state.lane, "");
  putAll("do", lines(state.trail));
  const text = result.toString();
  return text === "" ? "" : `?${text}`;
}

function lines(text) {
  return text === "" ? [] : text.split("\n");
}

function parseGroup(text) {
  if (text === null) return null;
  return [...new Set(text.split(","))].filter((part) => GROUP_PARTS.includes(part)).join(",");
}
