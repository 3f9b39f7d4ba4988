/** Counters by process (a row each second for each process that counted) as a lane: the largest processes, or one ratio. */

import { knownShares } from "./event-ticks.js";
import { PERCENT } from "./host-lanes.js";

/** As many as a lane's head has room to name. */
const TOP = 3;
const TONES = 7;
const REST = 7;
/** Of all processes together, in a hundred: what was not missed of what was read. */
const RATIOS = { page_cache: { name: "hits", whole: "pages", missed: "missed" } };

/** @typedef {{pid: number, name: string, values: number[]}} Process `values` in the order of the feed's columns that count */

/** Columns that count something. @param {import("./feed-wire.js").Field[]} fields */
export function countFields(fields) {
  return fields.filter(({ shows, name }) => ["number", "bytes", "duration"].includes(shows) && name !== "hit_percent");
}

/** Those that are added up: of the first one's kind. */
function summed(fields) {
  const counted = countFields(fields);
  return counted.filter(({ shows }) => shows === counted[0].shows);
}

/**
 * What processes counted in a part, the largest first.
 * @param {import("./event-record.js").EventRecord} record  @param {import("./feed-wire.js").Field[]} fields  @param {{begin: number, end: number}} part
 * @returns {Process[]}
 */
export function processesIn(record, fields, part) {
  const [counted, adds] = [countFields(fields), summed(fields)];
  const comm = fields.find(({ shows }) => shows === "comm");
  const found = new Map();
  for (const batch of inPart(record, part)) {
    for (let row = 0; row < batch.length; row++) {
      const pid = batch.column("pid")[row];
      const process = found.get(pid) ?? { pid, name: "", values: counted.map(() => 0) };
      process.name = batch.value(comm, row) ?? "";
      counted.forEach(({ name }, i) => (process.values[i] += batch.column(name)[row] ?? 0));
      found.set(pid, process);
    }
  }
  const size = ({ values }) => adds.reduce((sum, field) => sum + values[counted.indexOf(field)], 0);
  return [...found.values()].sort((a, b) => size(b) - size(a) || a.pid - b.pid);
}

/** A row stands for the second before it. */
function inPart(record, { begin, end }) {
  return record.batches({ begin, end }).filter((batch) => middle(batch) >= begin && middle(batch) < end);
}

function middle({ header }) {
  return (header.start_ms + header.end_ms) / 2;
}

/**
 * @param {{probe: string, title: string, about?: string, fields: import("./feed-wire.js").Field[], record: object, tail: object|null}} watched
 * @returns {import("./host-lanes.js").Lane}
 */
export function processLane(watched) {
  const ratio = RATIOS[watched.probe];
  const same = { id: `processes-${watched.probe}`, title: watched.title };
  if (ratio) return { ...same, about: "Share of the pages that all processes read which were in memory already", unit: "percent", shape: "lines", ceiling: () => PERCENT, parts: (data) => [ratioPart(watched, data, ratio)] };
  const unit = summed(watched.fields)[0].shows === "bytes" ? "bytes/s" : "/s";
  return { ...same, about: "The largest processes of what is in sight; they stand on each other", unit, shape: "stack", least: 10, parts: (data) => topParts(watched, data) };
}

function ratioPart({ record, tail }, data, { name, whole, missed }) {
  const sums = Array.from({ length: data.steps }, () => [0, 0]);
  eachRow(record, data, (batch, row, step) => {
    sums[step][0] += batch.column(whole)[row];
    sums[step][1] += batch.column(missed)[row];
  });
  const known = shares(record, tail, data);
  // What is read ahead comes in before it is read: there are no hits below none.
  return { name, tone: 2, values: sums.map(([read, came], i) => (known[i] === 0 || read === 0 ? null : (PERCENT * Math.max(0, read - came)) / read)) };
}

function topParts({ record, tail, fields }, data) {
  const adds = summed(fields);
  const range = { begin: data.begin, end: data.begin + data.step * data.steps };
  const top = processesIn(record, fields, range).slice(0, TOP);
  const rows = new Map(top.map(({ pid }, i) => [pid, i]));
  const sums = Array.from({ length: top.length + 1 }, () => new Array(data.steps).fill(0));
  eachRow(record, data, (batch, row, step) => {
    const place = rows.get(batch.column("pid")[row]) ?? top.length;
    for (const { name } of adds) sums[place][step] += batch.column(name)[row];
  });
  const known = shares(record, tail, data);
  const perSecond = (values) => values.map((value, i) => (known[i] === 0 ? null : (value * 1000) / (known[i] * data.step)));
  const tones = distinctTones(top.map(({ pid }) => pid));
  const parts = top.map(({ name, pid }, i) => ({ name: `${name} ${pid}`, tone: tones[i], values: perSecond(sums[i]) }));
  const others = sums[top.length].some((value) => value > 0) ? [{ name: "others", tone: REST, values: perSecond(sums[top.length]) }] : [];
  return [...parts, ...others];
}

function eachRow(record, { begin, step, steps }, take) {
  for (const batch of inPart(record, { begin, end: begin + step * steps })) {
    const at = Math.floor((middle(batch) - begin) / step);
    for (let row = 0; row < batch.length; row++) take(batch, row, at);
  }
}

function shares(record, tail, { begin, step, steps }) {
  const range = { begin, end: begin + step * steps };
  return knownShares(record.known(range, tail).spans, range, steps);
}

/** A process keeps its colour as long as no other of those shown has it. */
function distinctTones(pids) {
  const taken = new Set();
  return pids.map((pid) => {
    let tone = pid % TONES;
    while (taken.has(tone)) tone = (tone + 1) % TONES;
    taken.add(tone);
    return tone;
  });
}
