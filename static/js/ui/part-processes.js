/** What processes counted in a chosen part of the time: a table for each of the counters that have lanes. */

import { bytes, count, many } from "../core/format.js";
import { countFields, processesIn } from "../core/process-lane.js";
import { span } from "../core/time-range.js";
import { element } from "./element.js";

/** More is no answer to "which". */
const ROWS = 20;

/**
 * @param {HTMLElement} place  @param {{begin: number, end: number}} part  @param {import("./watched-feed.js").WatchedFeed[]} watched
 * @param {{host: string, record: string|null}} now
 */
export function showProcesses(place, part, watched, now) {
  // What is looked at stays while nothing of the part comes.
  const state = JSON.stringify([part, watched.map(({ probe, record }) => [probe, record.batches(part).map(({ length }) => length)])]);
  if (place.dataset.shown === state) return;
  place.dataset.shown = state;
  place.replaceChildren(...watched.map((one) => section(one, part, now)));
}

function section(watched, part, now) {
  const { record, fields, title } = watched;
  const counted = countFields(fields);
  const found = processesIn(record, fields, part);
  const known = record.known(part, watched.tail);
  const less = known.ms < part.end - part.begin - 1 ? `, known for ${span(known.ms)} of it` : "";
  const missing = known.missing > 0 ? `, ${many(known.missing, "row")} missing` : "";
  const shown = found.length > ROWS ? `the ${ROWS} largest of ${many(found.length, "process").replace(/processs$/, "processes")}` : `${count(found.length)} ${found.length === 1 ? "process" : "processes"}`;
  const head = element("div", { class: "section-head" }, element("h3", {}, `${title} in this part`), element("span", { class: "dim" }, `${shown}${less}${missing}`));
  if (found.length === 0) return element("section", {}, head);
  const columns = element("tr", {}, element("th", { scope: "col", class: "num" }, "PID"), element("th", { scope: "col" }, "Name"), ...counted.map((field) => element("th", { scope: "col", class: "num" }, field.title)));
  const rows = found.slice(0, ROWS).map((process) => row(process, counted, now));
  return element("section", {}, head, element("div", { class: "scroll" }, element("table", { class: "table dense" }, element("thead", {}, columns), element("tbody", {}, ...rows))));
}

function row({ pid, name, values }, counted, { host, record }) {
  const address = record && `${record}?${new URLSearchParams({ host, pid: String(pid) })}`;
  const cell = address ? element("a", { href: address, title: "Profile this process" }, String(pid)) : String(pid);
  const numbers = values.map((value, i) => element("td", { class: "num" }, counted[i].shows === "bytes" ? bytes(value) : count(value)));
  return element("tr", {}, element("td", { class: "num" }, cell), element("th", { scope: "row", class: "mono" }, name), ...numbers);
}
