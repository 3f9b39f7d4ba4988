/** The explore page: one state, which is the URL; every part shows it and says what should change. */

import { CPU, format, parse, question, ranges, treeQuery } from "../core/explore-state.js";
import { count, value } from "../core/format.js";
import { relative } from "../core/moment.js";
import { focusOf, focused, focusedOnAny, unfocused } from "../core/selector.js";
import { SERIES_ROWS } from "../core/series-cells.js";
import { rangeText, span, zoneText } from "../core/time-range.js";
import { ExploreApi, Refused } from "../ui/explore-api.js";
import { element } from "../ui/element.js";
import { nothingHere } from "../ui/nothing-here.js";
import { recentSelectors, rememberSelector } from "../ui/recent-selectors.js";
import { limits } from "../ui/selection-limits.js";
import { SeriesRows } from "../ui/series-rows.js";
import "../ui/change-table.js";
import "../ui/compare-bar.js";
import "../ui/function-table.js";
import "../ui/profile-view.js";
import "../ui/range-picker.js";
import "../ui/selector-box.js";
import "../ui/tab-list.js";
import "../ui/time-line.js";
import "../ui/timeline-legend.js";

const find = (selector) => document.querySelector(selector);
const [box, picker, line, legend, bar, tabs, view, functions, changes] = ["#selector", "range-picker", "time-line", "timeline-legend", "compare-bar", "tab-list", "profile-view", "function-table", "change-table"].map(find);
const [byLabel, graphBy, part, message, facts, resolution] = ["#by", "#graph-by", "#part", "#explore-message", "#explore-facts", "#explore-resolution"].map(find);
const kinds = find("#kind");
/** Keys that move the brush come faster than graphs. */
const DRIFT_MS = 300;
const TOP_FUNCTIONS = 50;

let state = parse(location.search);
const api = new ExploreApi(() => state.kind);
let now = Date.now();
let series = null;
let extent = null;
let asked = { series: "", labels: "", functions: "" };
let timer = 0;

const rows = new SeriesRows(find("#series-rows"), ({ part: chosen, values }) => go({ ...(chosen && { part: chosen }), ...(values.length > 0 && { selector: focusedOnAny(state.selector, state.by, values) }) }));
const suggest = (place) => api.suggest(place, ranges(state, now).range);

listen();
// Before the server says which labels there are, or when it can't.
offerLabels([]);
addEventListener("popstate", () => {
  state = parse(location.search);
  show();
});
show();

/** @param {Partial<import("../core/explore-state.js").ExploreState>} change  @param {"step"|"drift"} how drifting adds no entry to the history */
function go(change, how = "step") {
  state = { ...state, ...change };
  if (state.vs === "" && state.tab === "changes") state.tab = "graph";
  const url = location.pathname + format(state, location.search);
  if (how === "step") history.pushState({ viewSteps: 0 }, "", url);
  else history.replaceState(history.state, "", url);
  clearTimeout(timer);
  if (how === "step") show();
  else timer = setTimeout(show, DRIFT_MS);
}

/** Bring everything to the state; what is there already is not asked for again. */
function show() {
  const { range, part: shown, base } = ranges(state, now);
  kinds.value = state.kind;
  box.value = state.selector;
  box.recent = recentSelectors();
  picker.range = state.range;
  bar.show(state, shown, base);
  tabs.show(state.tab, state.vs !== "");
  part.hidden = state.part === null;
  line.mark(state.part && shown, base);
  for (const [tab, panel] of [["graph", view], ["functions", functions], ["changes", changes]]) panel.hidden = tab !== state.tab;
  graphBy.closest("label").hidden = state.tab !== "graph";
  find("#rows").setAttribute("aria-pressed", String(state.rows));
  askSeries(range, shown, base);
  showRows(range, shown, base);
  askLabels(range);
  if (state.tab !== "functions") askTree();
  if (state.tab === "functions" || state.fn) askFunctions(shown);
  else line.overlay = null;
}

function showRows(range, shown, base) {
  rows.map.hidden = !state.rows;
  if (state.rows) rows.show(series, range, state.part && shown, base);
}

async function askSeries(range, shown, base) {
  const query = `${question(state.selector, range, state.by)}&top=${SERIES_ROWS}`;
  if (query === asked.series) return;
  asked.series = query;
  line.setAttribute("aria-busy", "true");
  extent = null;
  try {
    const found = await api.ask("series", query);
    if (found === null) return;
    series = found;
    rememberSelector(state.selector);
    said("");
    line.show(series, range);
    line.mark(state.part && shown, base);
    showRows(range, shown, base);
    legend.show(line.layers, focusOf(state.selector, state.by), state.by, series.unit);
    tellFacts(range);
    // Shares are of what the timeline counts.
    if (functions.answer) showFunctions(functions.answer);
    if (series.groups.length === 0) askExtent(range);
  } catch (error) {
    refused(error);
  }
  line.removeAttribute("aria-busy");
}

async function askLabels(range) {
  const query = question("", range);
  if (query === asked.labels) return;
  asked.labels = query;
  try {
    const found = await api.ask("labels", query);
    if (found) offerLabels(found.labels.map(({ name }) => name));
  } catch (error) {
    refused(error);
  }
}

function offerLabels(names) {
  const options = (chosen, first) => [...new Set([...first, ...names, chosen])].map((name) => element("option", { value: name }, name || "nothing"));
  byLabel.replaceChildren(...options(state.by, []));
  byLabel.value = state.by;
  graphBy.replaceChildren(...options(state.graphBy, [""]));
  graphBy.value = state.graphBy;
}

function askTree() {
  const url = `/api/v1/explore/${treeQuery(state, now)}`;
  view.swapped = state.swap;
  if (view.getAttribute("src") !== url) {
    if (state.vs !== "") changes.show(null);
    view.setAttribute("src", url);
  }
}

async function askFunctions(shown) {
  const query = `${question(state.selector, shown)}&${new URLSearchParams({ order: state.order, top: TOP_FUNCTIONS })}`;
  if (query === asked.functions) {
    showFunctions(functions.answer);
    return;
  }
  asked.functions = query;
  showFunctions(null);
  try {
    const found = await api.ask("functions", query);
    if (found) showFunctions(found);
  } catch (error) {
    refused(error);
  }
}

function showFunctions(answer) {
  functions.show(answer, { order: state.order, fn: state.fn, whole: line.total });
  line.overlay = state.fn ? functions.series : null;
}

async function askExtent(range) {
  const query = question(state.selector, range);
  try {
    const found = await api.ask("extent", query);
    if (found === null) return;
    extent = found;
    // The graph may be empty already, and say that it looks.
    if (view.graph.tree && !(view.graph.tree.total[0] > 0)) view.finish();
  } catch (error) {
    refused(error);
  }
}

function tellFacts(range) {
  const profiles = series.profiles.reduce((sum, one) => sum + one, 0);
  const total = line.layers.reduce((sum, layer) => sum + layer.total, 0);
  const end = new Date(range.end).toISOString();
  facts.replaceChildren(
    element("span", {}, `${count(profiles)} ${profiles === 1 ? "profile" : "profiles"}`),
    element("span", {}, value(total, series.unit || "samples"), state.kind === CPU && series.unit === "nanoseconds" ? " of CPU time" : ""),
    element("span", { title: `${new Date(range.begin).toISOString()} – ${end}` }, `${rangeText(range)} ${zoneText(range.begin)}`),
    element("span", {}, `${span(range.end - range.begin)}, until ${range.end > Date.now() ? "now" : relative(range.end, Date.now())}`),
  );
}

function refused(error) {
  if (!(error instanceof Refused)) throw error;
  asked = { series: "", labels: "", functions: "" };
  // The graph asks the same, and is refused the same: beside the field it is told once.
  view.classList.toggle("refused", error.field === "selector" || error.field === "base_selector");
  if (error.field === "selector") box.showError(error.message, error.position);
  else if (error.field === "base_selector") bar.showError(error.message, error.position);
  else said(error.message);
}

function said(text, kind = "error") {
  if (text === "") {
    box.showError("");
    view.classList.remove("refused");
  }
  message.className = `message ${kind}`;
  message.textContent = text;
  message.hidden = text === "";
}

function listen() {
  const on = (target, name, act) => target.addEventListener(name, (event) => act(event.detail, event));
  on(box, "choose", ({ selector }) => (selector === state.selector && !series ? show() : go({ selector })));
  on(picker, "choose", ({ range }) => {
    now = Date.now();
    go({ range, part: null });
  });
  on(line, "part", ({ part: chosen, how }) => go({ part: chosen }, how));
  on(line, "zoom", zoomIn);
  on(legend, "focus-value", ({ value: name }) => go({ selector: name ? focused(state.selector, state.by, name) : unfocused(state.selector, state.by) }));
  on(legend, "rest", listValues);
  on(rows.map, "clear", () => state.part && go({ part: null }));
  find("#rows").addEventListener("click", () => go({ rows: !state.rows }));
  on(bar, "choose", (change) => go(change));
  on(tabs, "choose", ({ tab }) => go({ tab }));
  on(functions, "order", ({ order }) => go({ order }));
  on(functions, "series", ({ name }) => go({ fn: name }, "drift"));
  for (const table of [functions, changes]) on(table, "find", findInGraph);
  on(view, "treechange", ({ tree }) => treeShown(tree));
  kinds.addEventListener("change", () => {
    asked = { series: "", labels: "", functions: "" };
    go({ kind: kinds.value });
  });
  byLabel.addEventListener("change", () => go({ by: byLabel.value }));
  graphBy.addEventListener("change", () => go({ graphBy: graphBy.value }));
  find("#part-zoom").addEventListener("click", zoomIn);
  find("#part-clear").addEventListener("click", () => go({ part: null }));
  find("#refresh").addEventListener("click", refresh);
  box.suggest = bar.suggest = suggest;
  view.emptyMessage = () => {
    const { range } = ranges(state, now);
    const onShow = (found) => go({ range: found, part: null });
    return nothingHere(extent, { selector: state.selector, length: range.end - range.begin, recordUrl: view.dataset.recordUrl, onShow, onEverything: () => go({ selector: "" }) });
  };
}

function zoomIn() {
  if (state.part) go({ range: ranges(state, now).part, part: null });
}

function refresh() {
  now = Date.now();
  asked = { series: "", labels: "", functions: "" };
  view.removeAttribute("src");
  show();
}

async function listValues({ prefix }) {
  const { range } = ranges(state, now);
  const query = `${question(unfocused(state.selector, state.by), range)}&${new URLSearchParams({ label: state.by, prefix, limit: 200 })}`;
  try {
    const found = await api.ask("values", query);
    if (found) legend.list(found.values, found.more);
  } catch (error) {
    refused(error);
  }
}

function findInGraph({ name }) {
  if (state.tab !== "graph") go({ tab: "graph" });
  if (view.graph.tree) view.find(name);
  else view.addEventListener("treechange", () => view.find(name), { once: true });
}

function treeShown(tree) {
  bar.tell(tree);
  changes.show(tree.diff ?? null);
  const { warning, fact } = limits(tree);
  resolution.textContent = fact;
  if (warning) said(warning, "warning");
}
