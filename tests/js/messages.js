/** Wire messages for tests, written by hand here so that the reader is not checked against itself. */

import { readTree } from "../../static/js/core/tree.js";

export const NATIVE = 1;
export const KERNEL = 2;
export const PLACEHOLDER = 8;
export const ROOT = 9;

const WRITERS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };

/**
 * A tree as indented text, one node per line: `name self`, e.g. "main 1\n  work 3". The root `all` is put above.
 * Options per name: `kinds` {name: kind}, `modules`, `files`; `cuts` [[node, value, count]]; `self` "u32" or "f64".
 */
export function message(text, options = {}) {
  const nodes = [{ depth: 0, name: "all", self: 0 }];
  for (const line of text.split("\n").filter((l) => l.trim() !== "")) {
    const [, indent, name, self] = /^( *)(.*) (\d+)$/.exec(line);
    nodes.push({ depth: indent.length / 2 + 1, name, self: Number(self) });
  }
  return messageOf(nodes, options);
}

/** @param {{depth: number, name: string, self: number}[]} nodes */
export function messageOf(nodes, { kinds = {}, modules = {}, files = {}, cuts = [], self = "u32", header = {} } = {}) {
  const names = [...new Set(nodes.map((node) => node.name))];
  const strings = [...new Set(["", ...names, ...Object.values(modules), ...Object.values(files)])];
  const numbers = (list) => new Map(list.map((item, i) => [item, i]));
  const [stringNumber, nameNumber] = [numbers(strings), numbers(names)];
  const at = (s) => stringNumber.get(s ?? "");
  const columns = [
    ["depth", "u16", nodes.map((n) => n.depth)],
    ["frame", "u32", nodes.map((n) => nameNumber.get(n.name))],
    ["self", self, nodes.map((n) => n.self)],
    ...(cuts.length ? [["cut_node", "u32", cuts.map((c) => c[0])], ["cut_value", "f64", cuts.map((c) => c[1])], ["cut_count", "u32", cuts.map((c) => c[2])]] : []),
    ["frame_name", "u32", names.map(at)],
    ["frame_module", "u32", names.map((n) => at(modules[n]))],
    ["frame_file", "u32", names.map((n) => at(files[n]))],
    ["frame_kind", "u8", names.map((n) => kinds[n] ?? (n === "all" ? ROOT : NATIVE))],
    ["frame_line", "u32", names.map(() => 0)],
  ];
  const total = nodes.reduce((sum, n) => sum + n.self, 0) + cuts.reduce((sum, c) => sum + c[1], 0);
  return pack(columns, { schema: 1, kind: "cpu", unit: "samples", period_ns: 0, total, nodes: nodes.length, max_depth: 0, meta: { duration_ns: 0 }, strings, report: report({ samples: total }), ...header });
}

/** A report of `profiler/core/report.py` about a profile without any trouble, but for what is given. */
export function report({ cost = {}, ...given } = {}) {
  const rows = Object.fromEntries(["lost", "cut", "unknown", "hint", "runtime", "skipped"].map((name) => [`${name}_rows`, []]));
  const nothing = { agent_cpu_ns: 0, bpf_ns: 0, cpu_share: 0, bpf_ns_per_sample: 0, agent_rss_bytes: 0, requested_ns: 0, mean_ns: 0 };
  return { samples: 0, whole: null, lost: 0, unknown: 0, ...rows, cost: { ...nothing, ...cost }, ...given };
}

/** One row of a report. */
export function row(reason, count, more = {}) {
  return { reason, count, advice: "", search: "", ...more };
}

function pack(columns, header) {
  let offset = 0;
  const sections = columns.map(([name, dtype, values]) => {
    const section = { name, dtype, offset, length: values.length };
    offset += Math.ceil((values.length * WRITERS[dtype].BYTES_PER_ELEMENT) / 8) * 8;
    return section;
  });
  const json = new TextEncoder().encode(JSON.stringify({ sections, ...header }));
  const base = Math.ceil((8 + json.length) / 8) * 8;
  const buffer = new ArrayBuffer(base + offset);
  new Uint8Array(buffer).set(new TextEncoder().encode("WPT1"));
  new DataView(buffer).setUint32(4, json.length, true);
  new Uint8Array(buffer).set(json, 8);
  columns.forEach(([, dtype, values], i) => new WRITERS[dtype](buffer, base + sections[i].offset, values.length).set(values));
  return buffer;
}

/** The tree of such a text. */
export function tree(text, options) {
  return readTree(message(text, options));
}

/** One stack of `depth` frames. */
export function deepTree(depth) {
  const nodes = Array.from({ length: depth }, (_, i) => ({ depth: i + 1, name: `f${i % 7}`, self: i === depth - 1 ? 2 : 0 }));
  return readTree(messageOf([{ depth: 0, name: "all", self: 0 }, ...nodes]));
}

export function names(tree, nodes) {
  return [...nodes].map((node) => tree.name(node));
}
