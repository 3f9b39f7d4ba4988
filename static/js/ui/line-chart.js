/** A small chart of lines over time in SVG, with the values as a table for who wants or needs them. */

import { offset } from "../core/bpftrace.js";
import { count } from "../core/format.js";
import { element } from "./element.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 800;
const HEIGHT = 120;

/**
 * @param {Array<{key: string, values: Array<[number, number]>}>} lines values are [ms, number], at the same times
 * @param {string} label
 * @returns {HTMLElement}
 */
export function lineChart(lines, label) {
  const times = lines[0].values.map(([at]) => at);
  const most = Math.max(1, ...lines.flatMap(({ values }) => values.map(([, value]) => value)));
  const [first, last] = [times[0], times.at(-1)];
  const x = (at) => ((at - first) / Math.max(last - first, 1)) * WIDTH;
  const y = (value) => HEIGHT - (Math.max(0, value) / most) * HEIGHT;
  const drawn = node("svg", { viewBox: `0 -4 ${WIDTH} ${HEIGHT + 8}`, preserveAspectRatio: "none", role: "img", "aria-label": `${label}, at most ${count(most)}` });
  lines.forEach(({ values }, place) => drawn.append(node("polyline", { class: `line line-${place}`, points: values.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ") })));
  return element("figure", { class: "line-chart" }, element("div", { class: "plot" }, element("span", { class: "most dim" }, count(most)), drawn), caption(lines, first, last), asTable(lines, times));
}

function caption(lines, first, last) {
  const keys = lines.filter(({ key }) => key !== "").map(({ key }) => element("span", { class: "legend-item" }, swatch(lines.findIndex((line) => line.key === key)), element("span", { class: "mono" }, key)));
  return element("figcaption", {}, element("span", { class: "dim" }, offset(first)), ...keys, element("span", { class: "dim end" }, offset(last)));
}

function swatch(place) {
  const drawn = node("svg", { viewBox: "0 0 16 4", width: "16", height: "4", "aria-hidden": "true" });
  drawn.append(node("polyline", { class: `line line-${place}`, points: "0,2 16,2" }));
  return drawn;
}

function asTable(lines, times) {
  const head = element("tr", {}, element("th", { scope: "col" }, "Time"), ...lines.map(({ key }) => element("th", { scope: "col", class: "num" }, key || "value")));
  const rows = times.map((at, place) => element("tr", {}, element("th", { scope: "row" }, offset(at)), ...lines.map(({ values }) => element("td", { class: "num" }, count(values[place][1])))));
  return element("details", {}, element("summary", {}, "Values"), element("div", { class: "scroll" }, element("table", { class: "table dense" }, element("thead", {}, head), element("tbody", {}, ...rows))));
}

function node(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
