/** A histogram's page: seconds come over a socket; the chart and its tables follow, until they are paused. */

import { count } from "../core/format.js";
import { Buckets, HistogramSeries, sum } from "../core/histogram.js";
import { clock } from "../core/time-range.js";
import { element } from "../ui/element.js";
import { FeedWatch } from "../ui/feed-watch.js";
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
  const view = { key: null, chosen: null, paused: false };
  let cameAt = performance.now();
  const recordUrl = (pid) => now.record && `${now.record}?${new URLSearchParams({ host: now.host, pid })}`;

  const chart = find("histogram-chart");
  const rowPicker = find("#histogram-row");
  chart.addEventListener("cell", ({ detail: { column, bucket } }) => choose(bucket, columnsNow()[column]?.at ?? null));
  rowPicker.addEventListener("change", () => {
    view.key = rowPicker.value === "" ? null : rowPicker.value.slice(1);
    const url = new URL(location.href);
    if (view.key === null) url.searchParams.delete("show-row");
    else url.searchParams.set("show-row", view.key.replaceAll("\u0000", " / "));
    history.replaceState(null, "", url);
    draw();
  });
  find("#histogram-all").addEventListener("click", () => choose(null, null));

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

  function choose(bucket, at) {
    view.chosen = bucket === null ? null : { bucket, from: at ?? -Infinity, to: at === null ? Infinity : at + stepMs, at };
    draw();
    if (bucket !== null) find("#histogram-examples").scrollIntoView({ block: "nearest" });
  }

  function draw() {
    const columns = columnsNow();
    const some = columns.some(({ counts }) => sum(counts) > 0);
    find("#histogram-empty").hidden = series.events > 0;
    find("#histogram-shown").hidden = series.events === 0;
    if (series.events === 0) return;
    drawRows();
    const total = series.total(view.key);
    const told = now.percentiles.map(([name, share]) => `${name} ${percentileText(buckets.percentile(total, share), now.shows)}`).join(", ");
    if (some) chart.show(now.figure, columns, buckets, words, `Heat map of ${count(sum(total))} events over ${columns.length} columns: ${told}. The tables below have the numbers.`);
    find("#histogram-rate").textContent = stored ? `${count(series.events)} events` : `${count(quiet() ? 0 : series.newestEvents)} events in the last second`;
    find("#histogram-percentiles").textContent = told;
    find("#histogram-lost").textContent = series.lost.map(([cause, n]) => `${count(n)} events not counted: ${cause}`).join("; ");
    drawBuckets(find("#histogram-buckets tbody"), total, range, view.chosen?.bucket ?? null, (bucket) => choose(bucket, null));
    if (find("#histogram-seconds").open) drawSeconds(find("#histogram-seconds tbody"), columns, buckets, now.percentiles, now.shows, seconds);
    drawChosen();
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

  function drawChosen() {
    const chosen = view.chosen ?? { bucket: null };
    const examples = series.examples(buckets.index, { key: view.key, ...chosen });
    const events = view.chosen ? series.total(view.key, chosen)[chosen.bucket] : sum(series.total(view.key));
    const when = chosen.at ? ` at ${seconds(chosen.at)}` : "";
    find("#histogram-examples-of").textContent = view.chosen ? `of ${range(chosen.bucket)}${when}: ${count(examples.length)} kept of ${count(events)}` : `the slowest: ${count(examples.length)} kept of ${count(events)}`;
    find("#histogram-all").hidden = view.chosen === null;
    drawExamples(find("#histogram-examples tbody"), examples, now.shows, seconds, recordUrl);
  }

  find("#histogram-seconds").addEventListener("toggle", draw);
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
