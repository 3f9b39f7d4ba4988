/** One map of a bpftrace program: a number, a table with bars, histograms, a line over time, or the way to a flame graph. */

import { bucketLabel, offset, printsOf, seriesOf } from "../core/bpftrace.js";
import { count, many } from "../core/format.js";
import { barFigure, heatFigure, lineFigure } from "../core/program-figures.js";
import { element } from "./element.js";

/** Histograms of more keys are closed at first. */
const OPEN_HISTOGRAMS = 4;

/**
 * @param {object} map MapResult of core/bpftrace/results.py, and `stacks`, `helper` of bpftrace/showing.py
 * @param {(name: string) => string} stacksUrl the flame graph of a map
 * @param {(name: string, kind: string, make: Function, told: string) => HTMLElement} chart of this name: always the same one
 * @returns {HTMLElement}
 */
export function mapSection(map, stacksUrl, chart) {
  const title = element("h2", { class: "mono" }, map.name);
  const note = map.left_out && map.shows !== "stacks" ? element("p", { class: "dim" }, `${many(map.left_out, "smaller row")} left out here`) : null;
  const body = [...series(map, chart), ...heat(map, chart), ...BODIES[map.shows](map, { stacksUrl, chart })];
  if (!map.helper) return element("section", { class: "map" }, title, rows(map.name, body), note);
  const summary = element("summary", {}, element("span", { class: "mono" }, map.name), element("span", { class: "dim" }, " what the program remembers meanwhile"));
  return element("section", { class: "map" }, element("details", {}, summary, rows(map.name, body), note));
}

/** What may be long scrolls in its own room, by keys too. */
function rows(name, body) {
  return element("div", { class: "rows", tabIndex: 0, role: "group", "aria-label": name }, ...body);
}

/** Puts a section in the place of another; what a person opened, closed or scrolled to there stays so. */
export function replaceSection(before, after) {
  const was = new Map([...before.querySelectorAll("details")].map((each) => [nameOf(each), each.open]));
  for (const each of after.querySelectorAll("details")) each.open = was.get(nameOf(each)) ?? each.open;
  const top = before.querySelector(".rows").scrollTop;
  before.replaceWith(after);
  after.querySelector(".rows").scrollTop = top;
}

function nameOf(details) {
  return details.querySelector("summary > .mono")?.textContent ?? details.querySelector("summary").textContent;
}

const BODIES = { number: numbers, text: texts, stats, histogram: histograms, stacks };

/** What was printed several times. */
function series(map, chart) {
  const lines = seriesOf(map);
  if (lines.length === 0) return [];
  const drawn = chart(map.name, "lines", (figure, ink) => lineFigure(figure, lines, ink), `${map.name} each time it was printed; its values are in the table below`);
  return [element("figure", { class: "program-chart" }, drawn, seriesTable(lines))];
}

function seriesTable(lines) {
  const head = element("tr", {}, element("th", { scope: "col" }, "Time"), ...lines.map(({ key }) => element("th", { scope: "col", class: "num" }, key || "value")));
  const cells = lines[0].values.map(([at], place) => element("tr", {}, element("th", { scope: "row" }, offset(at)), ...lines.map(({ values }) => element("td", { class: "num" }, count(values[place][1])))));
  return element("details", {}, element("summary", {}, "Values"), element("div", { class: "scroll" }, element("table", { class: "table dense" }, element("thead", {}, head), element("tbody", {}, ...cells))));
}

function heat(map, chart) {
  const prints = printsOf(map);
  if (prints.length < 2) return [];
  return [element("figure", { class: "program-chart" }, chart(`${map.name} over time`, "heat", (figure, ink) => heatFigure(figure, prints, ink), `${map.name} each time it was printed: heat map of ${count(prints.length)} columns`))];
}

function numbers(map) {
  if (!map.keyed) return [element("p", { class: "big" }, numberText(map.rows[0]?.[1] ?? 0))];
  const most = Math.max(...map.rows.map(([, value]) => Number(value)), 1);
  return [table(["Key", "Value", ""], map.rows.map(([key, value]) => [keyCell(key), number(value), bar(value, most)]))];
}

function texts(map) {
  return [table(["Key", "Text"], map.rows.map(([key, value]) => [keyCell(key), element("td", { class: "name mono" }, String(value))]))];
}

function stats(map) {
  const cells = ([key, [n, average, total]]) => [keyCell(key), number(n), number(average), number(total)];
  return [table(["Key", "Count", "Average", "Total"], map.rows.map(cells))];
}

function histograms(map, { chart }) {
  return map.rows.map(([key, buckets], place) => {
    const total = buckets.reduce((sum, [, , n]) => sum + n, 0);
    const drawn = histogram(buckets, map.keyed ? `${map.name}[${key}]` : map.name, chart);
    if (!map.keyed) return drawn;
    const summary = element("summary", {}, element("span", { class: "mono" }, key), element("span", { class: "dim" }, ` ${count(total)}`));
    return element("details", { open: place < OPEN_HISTOGRAMS }, summary, drawn);
  });
}

function histogram(buckets, name, chart) {
  const rows = buckets.map(([low, high, n]) => [element("th", { class: "num", scope: "row" }, bucketLabel(low, high)), number(n)]);
  const numbers = table(["Value", "Count"], rows);
  numbers.setAttribute("aria-label", name);
  const drawn = chart(name, "bars", (figure, ink) => barFigure(figure, buckets, ink), `Histogram ${name}: ${many(buckets.length, "bucket")}, which the table below has too`);
  const summary = element("summary", {}, "Values", element("span", { class: "visually-hidden" }, ` of ${name}`));
  return element("figure", { class: "program-chart" }, drawn, element("details", {}, summary, numbers));
}

function stacks(map, { stacksUrl }) {
  const words = map.stacks === 1 ? "1 stack" : `${count(map.stacks)} stacks`;
  return [element("p", {}, element("a", { class: "button", href: stacksUrl(map.name) }, "Flame graph"), element("span", { class: "dim" }, ` of ${words}`))];
}

function table(heads, rows) {
  const head = heads.map((text) => element("th", { scope: "col", class: text === "Key" || text === "Text" ? null : text === "" ? "bar" : "num" }, text === "" ? element("span", { class: "visually-hidden" }, "Bar") : text));
  return element("table", { class: "table dense bars" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells))));
}

function keyCell(key) {
  return element("th", { class: "name mono", scope: "row" }, key === "" ? "all" : key);
}

function number(value) {
  return element("td", { class: "num" }, numberText(value));
}

function numberText(value) {
  return typeof value === "number" ? count(value) : String(value);
}

/** A meter, which screen readers needn't read: the number is beside it. */
function bar(value, most) {
  return element("td", { class: "bar" }, element("meter", { min: 0, max: most, value: Math.max(0, Number(value)), "aria-hidden": "true" }));
}

