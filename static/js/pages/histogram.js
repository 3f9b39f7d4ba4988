/** A histogram's page: seconds come over a socket; the chart and its tables follow, until they are paused. Cells that are chosen open their examples. */

import { cellsOf, writeCells } from "../core/cells.js";
import { count, many } from "../core/format.js";
import { Buckets, HistogramSeries, sum } from "../core/histogram.js";
import { clock } from "../core/time-range.js";
import { element } from "../ui/element.js";
import { FeedWatch } from "../ui/feed-watch.js";
import { HistogramCells } from "../ui/histogram-cells.js";
import "../ui/histogram-chart.js";
import { drawBuckets, drawExamples, drawSeconds, percentileText, rangeWords } from "../ui/histogram-tables.js";

const SECOND_MS = 1000;
const COLUMNS = 300;
const find = (selector) => document.querySelector(selector);
const seconds = (at) => clock(at, SECOND_MS);
const data = find("#histogram-now");
if (data) begin(JSON.parse(data.textContent));

function begin(now) {
  const stored = now.stored ?? null;
  const buckets = new Buckets(now.edges, now.linear);
  const stepMs = stored ? stored.step_ms : SECOND_MS;
  const series = new HistogramSeries(buckets.count, stepMs, stored ? stored.columns : COLUMNS);
  const range = rangeWords(buckets, now.texts);
  const words = { percentiles: now.percentiles, stepMs, range, clock: seconds };
  const view = { key: null, chosen: cellsOf(location.search), paused: false };
  let cameAt = performance.now();
  const recordUrl = (pid) => now.record && `${now.record}?${new URLSearchParams({ host: now.host, pid })}`;

  const chart = find("histogram-chart");
  const rowPicker = find("#histogram-row");
  const cells = new HistogramCells(find("#histogram-cells"), now, cellsWords, (rows) => drawExamples(find("#cells-examples tbody"), rows, now.shows, seconds, recordUrl));
  chart.cellWords = ({ at, bucket }) => {
    const counted = columnsNow().find((column) => column.at === at)?.counts[bucket] ?? 0;
    return `${seconds(at)}, ${range(bucket)}: ${many(counted, "event")}`;
  };
  chart.addEventListener("cells", ({ detail }) => choose(detail.cells));
  addEventListener("popstate", () => open(cellsOf(location.search)));
  rowPicker.addEventListener("change", () => {
    view.key = rowPicker.value === "" ? null : rowPicker.value.slice(1);
    const url = new URL(location.href);
    if (view.key === null) url.searchParams.delete("show-row");
    else url.searchParams.set("show-row", view.key.replaceAll("\u0000", " / "));
    history.replaceState(null, "", url);
    if (view.chosen) choose(view.chosen);
    draw();
  });
  for (const button of document.querySelectorAll("[data-all-cells]")) button.addEventListener("click", () => choose(null));

  function until() {
    if (stored) return stored.end_ms;
    // Seconds without events bring no message; the time goes on.
    return series.newest === 0 ? 0 : series.newest + Math.min(performance.now() - cameAt, COLUMNS * SECOND_MS);
  }

  function quiet() {
    return performance.now() - cameAt > 3 * SECOND_MS;
  }

  function columnsNow() {
    return series.newest === 0 ? [] : series.columns(view.key, until());
  }

  /** Of all columns, or of one. */
  function chooseBuckets(low, high, at = null) {
    const columns = columnsNow();
    if (columns.length > 0) choose({ low, high, from: at ?? columns[0].at, to: at === null ? columns.at(-1).at + stepMs : at + stepMs });
  }

  function choose(chosen) {
    const url = new URL(location.href);
    writeCells(url.searchParams, chosen, labelsNow());
    if (url.href !== location.href) history.pushState(null, "", url);
    const panel = find("#histogram-cells");
    const opens = chosen !== null && panel.hidden;
    open(chosen);
    if (opens) (panel.querySelector(".graph") ?? panel).scrollIntoView({ block: "nearest" });
  }

  function open(chosen) {
    view.chosen = chosen;
    cells.show(chosen, labelsNow());
    draw();
  }

  /** Of the row that is shown; null for all. */
  function labelsNow() {
    const wanted = new URLSearchParams(location.search).get("show-row");
    return wanted === null ? null : wanted.split(" / ");
  }

  function cellsWords({ low, high, from, to }) {
    const values = low === high ? range(low) : buckets.limit(high) === Infinity ? `${now.texts[low]} or more` : `${now.texts[low]} – ${now.texts[high + 1]}`;
    return `${values}, ${seconds(from)} – ${seconds(to)}`;
  }

  function draw() {
    const columns = columnsNow();
    const some = columns.some(({ counts }) => sum(counts) > 0);
    find("#histogram-empty").hidden = series.events > 0;
    for (const part of ["#histogram-shown", "#histogram-tables"]) find(part).hidden = series.events === 0;
    if (series.events === 0) return;
    drawRows();
    const total = series.total(view.key);
    const told = now.percentiles.map(([name, share]) => `${name} ${percentileText(buckets.percentile(total, share), now.shows)}`).join(", ");
    if (some) chart.show(now.figure, columns, buckets, words, `Heat map of ${count(sum(total))} events over ${columns.length} columns: ${told}. The tables below have the numbers.`);
    find("#histogram-rate").textContent = stored ? `${count(series.events)} events` : `${count(quiet() ? 0 : series.newestEvents)} events in the last second`;
    find("#histogram-percentiles").textContent = told;
    find("#histogram-lost").textContent = series.lost.map(([cause, n]) => `${count(n)} events not counted: ${cause}`).join("; ");
    const isChosen = (bucket) => view.chosen !== null && view.chosen.low <= bucket && bucket <= view.chosen.high;
    chart.mark(view.chosen);
    drawBuckets(find("#histogram-buckets tbody"), total, range, isChosen, (bucket) => chooseBuckets(bucket, bucket));
    if (find("#histogram-seconds").open) drawSeconds(find("#histogram-seconds tbody"), columns, buckets, now.percentiles, now.shows, seconds, (at) => chooseBuckets(0, buckets.count - 1, at));
    drawSlowest();
  }

  function drawRows() {
    const rows = series.rows();
    const wanted = new URLSearchParams(location.search).get("show-row");
    const options = [["", `all (${count(rows.length)})`], ...rows.map(({ key, labels, events }) => [`=${key}`, `${labels.join(" / ")} (${count(events)})`])];
    const kept = wanted === null ? "" : `=${wanted.replaceAll(" / ", "\u0000")}`;
    if (document.activeElement !== rowPicker) rowPicker.replaceChildren(...options.map(([value, text]) => element("option", { value, selected: value === kept }, text)));
    if (view.key === null && kept !== "" && rows.some(({ key }) => `=${key}` === kept)) view.key = kept.slice(1);
    find("#histogram-rows").hidden = now.labels.length === 0;
  }

  function drawSlowest() {
    const examples = series.examples(buckets.index, { key: view.key });
    find("#histogram-examples-of").textContent = `the slowest: ${count(examples.length)} kept of ${count(sum(series.total(view.key)))}`;
    drawExamples(find("#histogram-examples tbody"), examples, now.shows, seconds, recordUrl);
  }

  find("#histogram-seconds").addEventListener("toggle", draw);
  if (view.chosen) open(view.chosen);
  if (stored) return show(stored.url);
  watch();

  async function show(url) {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) return tell(`What was kept can't be had (${answer.status}): load the page again.`);
    for (const told of (await answer.json()).batches) series.add(told);
    draw();
  }

  function take(buffer) {
    if (series.add(JSON.parse(new TextDecoder().decode(buffer)))) cameAt = performance.now();
  }

  function watch() {
    const pause = find("#histogram-pause");
    new FeedWatch("histogram", now, { receive: take });
    pause.addEventListener("click", () => {
      view.paused = !view.paused;
      pause.textContent = view.paused ? "Resume" : "Pause";
      pause.classList.toggle("primary", view.paused);
    });
    setInterval(() => !view.paused && !document.hidden && draw(), SECOND_MS);
  }
}

function tell(text) {
  const place = find("#histogram-message");
  place.textContent = text;
  place.hidden = false;
}
