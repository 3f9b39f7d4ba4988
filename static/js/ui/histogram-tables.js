/** Tables of a histogram: its buckets, its seconds, its examples. */

import { count, duration, share } from "../core/format.js";
import { sum } from "../core/histogram.js";
import { element } from "./element.js";

/** Of the newest; more would be a wall of numbers. */
const SECONDS = 20;
const EXAMPLES = 50;

/** @param {number} value  @param {string} shows profiler.core.probe.Shows */
export function valueText(value, shows) {
  return shows === "duration" ? duration(value) : count(value);
}

/** @param {import("../core/histogram.js").Buckets} buckets  @returns {(bucket: number) => string} "8 – 16 µs" */
export function rangeWords(buckets, texts) {
  return (bucket) => (buckets.limit(bucket) === Infinity ? `${texts[bucket]} or more` : `${texts[bucket]} – ${texts[bucket + 1]}`);
}

/**
 * Rows stay the elements that they are: what is pressed each second must not go away under the finger.
 * @param {HTMLTableSectionElement} body  @param {(bucket: number) => void} choose
 */
export function drawBuckets(body, counts, range, isChosen, choose) {
  const all = sum(counts);
  const largest = Math.max(...counts);
  const had = new Map([...body.rows].map((row) => [Number(row.dataset.bucket), row]));
  const rows = [...counts.keys()].filter((bucket) => counts[bucket] > 0).reverse().map((bucket) => {
    const row = had.get(bucket) ?? bucketRow(bucket, range(bucket), choose);
    const [, events, part] = row.cells;
    events.textContent = count(counts[bucket]);
    part.textContent = share(counts[bucket], all);
    row.querySelector("button").setAttribute("aria-pressed", String(isChosen(bucket)));
    row.querySelector(".bucket-bar").style.inlineSize = `${(100 * counts[bucket]) / largest}%`;
    return row;
  });
  if (rows.length !== body.rows.length || rows.some((row, i) => row !== body.rows[i])) body.replaceChildren(...rows);
}

function bucketRow(bucket, text, choose) {
  const button = element("button", { type: "button", class: "quiet", onclick: () => choose(bucket) }, text);
  const bar = element("td", { class: "bucket-place" }, element("span", { class: "bucket-bar" }));
  const row = element("tr", {}, element("th", { scope: "row" }, button), element("td", { class: "num" }), element("td", { class: "num" }), bar);
  row.dataset.bucket = String(bucket);
  return row;
}

/** @param {{at: number, counts: Float64Array}[]} columns */
export function drawSeconds(body, columns, buckets, percentiles, shows, clock, choose) {
  // What somebody is about to press stays.
  if (body.contains(document.activeElement)) return;
  const rows = columns.slice(-SECONDS).reverse().map(({ at, counts }) => {
    const cells = percentiles.map(([, part]) => element("td", { class: "num" }, percentileText(buckets.percentile(counts, part), shows)));
    const button = element("button", { type: "button", class: "quiet", title: "The examples of this time", onclick: () => choose(at) }, clock(at));
    return element("tr", {}, element("th", { scope: "row" }, button), element("td", { class: "num" }, count(sum(counts))), ...cells);
  });
  body.replaceChildren(...rows);
}

/** What is known: its bucket. @param {import("../core/histogram.js").Percentile|null} found */
export function percentileText(found, shows) {
  if (found === null) return "–";
  return found.high === Infinity ? `${valueText(found.low, shows)} or more` : `${valueText(found.low, shows)} – ${valueText(found.high, shows)}`;
}

/** @param {import("../core/histogram.js").Example[]} examples  @param {(pid: number) => string|null} recordUrl */
export function drawExamples(body, examples, shows, clock, recordUrl) {
  const rows = examples.slice(0, EXAMPLES).map((one) => {
    const url = one.pid > 0 ? recordUrl(one.pid) : null;
    const pid = one.pid > 0 ? String(one.pid) : "–";
    const process = url ? element("a", { href: url, title: "Record this process" }, pid) : pid;
    const ms = String(Math.floor(one.at % 1000)).padStart(3, "0");
    return element(
      "tr", {},
      element("td", { class: "num" }, valueText(one.value, shows)),
      element("td", { class: "num" }, `${clock(one.at)}.${ms}`),
      element("td", { class: "num" }, process),
      element("td", { class: "num mid-only" }, String(one.tid)),
      element("td", { class: "mono" }, one.comm),
      element("td", {}, one.labels.join(" · ")),
      ...("stack" in one ? [element("td", { class: "mid-only", title: one.why }, one.stack ? "yes" : "–")] : []),
    );
  });
  body.replaceChildren(...rows);
}
