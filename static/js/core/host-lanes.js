/**
 * The lanes of a host's counters. A lane is a declaration: what it is called, its unit, how it is drawn, and the parts that it
 * makes of CounterData; ui/time-lanes.js draws it, core/lane-numbers.js tells its numbers. Another lane is another entry.
 *
 * @typedef {{name: string, tone: number, values: import("./counter-data.js").Values}} Part
 * @typedef {object} Lane
 * @property {string} id  @property {string} title  @property {string} about of what the numbers are
 * @property {"percent"|"bytes"|"bytes/s"|"/s"|"ns"|"number"} unit  @property {"stack"|"lines"} shape
 * @property {(data: import("./counter-data.js").CounterData) => Part[]} parts  parts that are nowhere known are left out
 * @property {(data: import("./counter-data.js").CounterData) => number} [ceiling] of the axis; else a round number above the values
 * @property {number} [least] the axis goes at least that far, so that next to nothing does not look like much
 */

import { added, combined } from "./counter-data.js";

const CPU = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
export const PERCENT = 100;
const NS_PER_S = 1e9;
/** Disks that others are made of would count twice. */
const ownDisk = (name) => !/^(dm-|md)\d/.test(name);
const ownNetwork = (name) => name !== "lo";

const all = (data, names) => added(...names.map((name) => data.get(name)));
/** ns per second as a share of the time. What the kernel adds up late may be a little more than there was. */
const share = (values) => combined((ns) => Math.min(PERCENT, (PERCENT * ns) / NS_PER_S), values);

function cpuShare(data, ...kinds) {
  const whole = all(data, CPU.map((kind) => `cpu.${kind}`));
  return combined((part, sum) => (PERCENT * part) / sum, all(data, kinds.map((kind) => `cpu.${kind}`)), whole);
}

function perDevice(data, name, wanted, of) {
  const devices = data.devices(name).filter(wanted);
  return devices.slice(0, 4).map((device, i) => ({ name: device, tone: i, values: of(device) }));
}

/** @type {Lane[]} */
export const HOST_LANES = [
  {
    id: "cpu", title: "CPU", about: "Share of the time of all CPUs", unit: "percent", shape: "stack", ceiling: () => PERCENT,
    parts: (data) => [
      { name: "user", tone: 0, values: cpuShare(data, "user", "nice") },
      { name: "system", tone: 1, values: cpuShare(data, "system", "irq", "softirq") },
      { name: "waits for I/O", tone: 4, values: cpuShare(data, "iowait") },
      { name: "stolen", tone: 6, values: cpuShare(data, "steal") },
    ],
  },
  {
    id: "psi", title: "Pressure", about: "Share of the time in which some task waited for it (PSI)", unit: "percent", shape: "lines", least: 5,
    parts: (data) => ["cpu", "io", "memory"].map((what, i) => ({ name: { cpu: "CPU", io: "I/O", memory: "memory" }[what], tone: [0, 1, 3][i], values: share(data.get(`psi.${what}_some`)) })),
  },
  {
    id: "tasks", title: "Tasks", about: "Running or waiting for a CPU, and waiting for I/O, when looked at", unit: "number", shape: "lines", least: 2,
    parts: (data) => [
      { name: "runnable", tone: 0, values: data.get("sched.running") },
      { name: "blocked", tone: 1, values: data.get("sched.blocked") },
      { name: "load", tone: 7, values: data.get("load.1") },
    ],
  },
  {
    id: "memory", title: "Memory", about: "Of all memory; caches can be had back", unit: "bytes", shape: "stack",
    ceiling: (data) => Math.max(...data.get("mem.total").map((n) => n ?? 0)),
    parts: (data) => [
      { name: "in use", tone: 0, values: combined((total, available) => total - available, data.get("mem.total"), data.get("mem.available")) },
      { name: "caches", tone: 5, values: combined((available, free) => Math.max(0, available - free), data.get("mem.available"), data.get("mem.free")) },
    ],
  },
  {
    id: "faults", title: "Page faults", about: "Minor and major ones per second; major ones waited for a disk", unit: "/s", shape: "lines", least: 10,
    parts: (data) => [
      { name: "all", tone: 0, values: data.get("vm.faults") },
      { name: "major", tone: 6, values: data.get("vm.major_faults") },
    ],
  },
  {
    id: "reclaim", title: "Memory trouble", about: "Pages per second; kills are processes", unit: "/s", shape: "lines", least: 10,
    parts: (data) => [
      { name: "swapped", tone: 1, values: added(data.get("vm.swapped_in"), data.get("vm.swapped_out")) },
      { name: "read again", tone: 4, values: data.get("vm.refaults") },
      { name: "OOM kills", tone: 6, values: data.get("vm.oom_kills") },
    ],
  },
  {
    id: "disk", title: "Disks", about: "Bytes read and written per second, all disks", unit: "bytes/s", shape: "lines", least: 1024,
    parts: (data) => [
      { name: "read", tone: 2, values: data.sum("disk.read_bytes", ownDisk) },
      { name: "written", tone: 1, values: data.sum("disk.write_bytes", ownDisk) },
    ],
  },
  {
    id: "disk-busy", title: "Disks busy", about: "Share of the time with a request under way, by disk", unit: "percent", shape: "lines", least: 5,
    parts: (data) => perDevice(data, "disk.busy_ns", ownDisk, (device) => share(data.get(`disk.busy_ns:${device}`))),
  },
  {
    id: "disk-wait", title: "Disk wait", about: "Mean time of a request, by disk; none where there was no request", unit: "ns", shape: "lines", least: 1e6,
    parts: (data) => perDevice(data, "disk.io_ns", ownDisk, (device) => combined((ns, requests) => ns / requests, data.get(`disk.io_ns:${device}`), added(data.get(`disk.reads:${device}`), data.get(`disk.writes:${device}`)))),
  },
  {
    id: "network", title: "Network", about: "Bytes per second, all interfaces but the loopback", unit: "bytes/s", shape: "lines", least: 1024,
    parts: (data) => [
      { name: "received", tone: 2, values: data.sum("net.rx_bytes", ownNetwork) },
      { name: "sent", tone: 1, values: data.sum("net.tx_bytes", ownNetwork) },
      { name: "loopback", tone: 7, values: data.get("net.rx_bytes:lo") },
    ],
  },
  {
    id: "network-trouble", title: "Network trouble", about: "Segments, connections and packets per second", unit: "/s", shape: "lines", least: 2,
    parts: (data) => [
      { name: "retransmits", tone: 1, values: data.get("tcp.retransmits") },
      { name: "resets", tone: 6, values: added(data.get("tcp.resets"), data.get("tcp.resets_sent")) },
      { name: "drops", tone: 3, values: added(data.sum("net.rx_drops", ownNetwork), data.sum("net.tx_drops", ownNetwork), data.get("tcp.listen_drops"), data.get("softnet.dropped")) },
    ],
  },
  {
    id: "switches", title: "Switches", about: "Context switches, interrupts and new tasks per second", unit: "/s", shape: "lines", least: 100,
    parts: (data) => [
      { name: "switches", tone: 0, values: data.get("sched.switches") },
      { name: "interrupts", tone: 4, values: data.get("sched.interrupts") },
      { name: "forks", tone: 3, values: data.get("sched.forks") },
    ],
  },
];

/** What a lane has to show; [] when nothing is known of it. @param {Lane} lane  @param {import("./counter-data.js").CounterData} data  @returns {Part[]} */
export function partsOf(lane, data) {
  return lane.parts(data).filter(({ values }) => values.some((value) => value !== null));
}
