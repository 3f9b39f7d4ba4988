/** A bpftrace program on one host: what it says comes over a socket while it runs, and stays. */

import { inOrder, stateWord } from "../core/bpftrace.js";
import { stateClass } from "../core/run-state.js";
import { ProgramFeed } from "../ui/bpftrace-feed.js";
import { mapSection, replaceSection } from "../ui/bpftrace-map.js";
import { element } from "../ui/element.js";
import "../ui/plot-chart.js";
import { LiveSocket } from "../ui/socket.js";

const run = document.querySelector("#run");
const results = document.querySelector("#results");
const feed = new ProgramFeed();
const drawn = new Map();
const charts = new Map();
const figures = JSON.parse(document.querySelector("#figures").textContent);
const maps = document.createElement("div");
maps.className = "maps";
results.append(maps, feed.node);

const now = JSON.parse(document.querySelector("#run-now").textContent);
// What has ended says no more.
const socket = now.final ? null : new LiveSocket(`/ws/bpftrace/${run.dataset.run}/`, { onJson: show });
show(now);

function show(report) {
  const state = document.querySelector("#run-state");
  if (state.textContent !== stateWord(report.state)) state.textContent = stateWord(report.state);
  state.className = `state ${stateClass(report.state)}`;
  const progress = document.querySelector(".run-progress progress");
  progress.value = report.elapsed_s;
  tell(report);
  if (report.results) draw(report);
  if (report.final) end(progress);
}

/** Why it ended so, and what the compiler says. The program's text shows where. */
function tell(report) {
  const place = document.querySelector("#run-message");
  const warnings = (report.results?.problems ?? []).filter((each) => !each.fatal).map((each) => each.text);
  const said = report.final && report.state !== "done" ? [report.message] : [];
  const text = [...said, ...(said.length ? [] : warnings)].filter(Boolean).join(" · ");
  const more = report.final && report.state === "done" && isSilent(report.results) ? "It ended and said nothing: no event came, or it prints nothing." : "";
  place.hidden = text === "" && more === "";
  place.textContent = text || more;
  place.classList.toggle("error", report.state === "failed");
}

function isSilent(told) {
  return !told || (told.maps.length === 0 && told.printed.seen === 0);
}

/** A map that is as before stays as it is, so that what is open or marked stays so. */
function draw(report) {
  for (const map of inOrder(report.results.maps)) {
    const text = JSON.stringify(map);
    const before = drawn.get(map.name);
    if (before?.text === text) continue;
    const node = mapSection(map, (name) => run.dataset.stacks.replace("NAME", encodeURIComponent(name)), chart);
    if (before) replaceSection(before.node, node);
    else maps.append(node);
    drawn.set(map.name, { text, node });
  }
  feed.show(report.results.printed, report.final);
}

/** A chart is drawn anew where it stands, so that it does not flicker. */
function chart(name, kind, make, told) {
  const key = `${kind} ${name}`;
  if (!charts.has(key)) charts.set(key, element("plot-chart", { "data-plotly": run.dataset.plotly, "data-plotly-style": run.dataset.plotlyStyle }));
  charts.get(key).show((ink) => make(figures[kind], ink), told);
  return charts.get(key);
}

/** A mistake is marked in the program's text by the server: its page is fetched once more. */
function end(progress) {
  socket?.close();
  progress.hidden = true;
  document.querySelector("#stop")?.remove();
  if (socket) markMistakes();
}

async function markMistakes() {
  const { fetchPage } = await import("../ui/fragment.js");
  const page = await fetchPage(location.href);
  const lines = page?.querySelector(".code-lines");
  if (lines) document.querySelector(".code-lines").replaceWith(lines);
  if (lines?.querySelector(".wrong")) document.querySelector("details.source").open = true;
}
