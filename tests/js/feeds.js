/** Messages of a feed, as the server makes them. */

export const FIELDS = [
  { name: "at_ns", shows: "time", title: "Time", about: "" },
  { name: "pid", shows: "pid", title: "PID", about: "" },
  { name: "ppid", shows: "pid", title: "Parent", about: "" },
  { name: "comm", shows: "comm", title: "Name", about: "" },
  { name: "path", shows: "path", title: "Path", about: "" },
  { name: "took_ns", shows: "duration", title: "Took", about: "" },
];
export const BASE_S = 1_763_800_000;
const WIDTH = { u32: 4, f64: 8 };
const ARRAY = { u32: Uint32Array, f64: Float64Array };

/** @param {object} header  @param {[string, string, number[]][]} sections name, dtype, values  @returns {ArrayBuffer} */
export function pack(header, sections, magic = "WPF1") {
  const listed = [];
  let offset = 0;
  for (const [name, dtype, values] of sections) {
    listed.push({ name, dtype, offset, length: values.length });
    offset += Math.ceil((values.length * WIDTH[dtype]) / 8) * 8;
  }
  const text = new TextEncoder().encode(JSON.stringify({ schema: 1, ...header, sections: listed }));
  const base = Math.ceil((8 + text.length) / 8) * 8;
  const buffer = new ArrayBuffer(base + offset);
  new Uint8Array(buffer).set(new TextEncoder().encode(magic));
  new DataView(buffer).setUint32(4, text.length, true);
  new Uint8Array(buffer).set(text, 8);
  sections.forEach(([, dtype, values], i) => new ARRAY[dtype](buffer, base + listed[i].offset, values.length).set(values));
  return buffer;
}

/**
 * @param {{at?: number, pid: number, ppid?: number, comm?: string, path?: string, took?: number}[]} events `at`: ms after BASE_S
 * @param {object} [more] of the header  @param {string[]} [hidden]
 */
export function message(events, more = {}, hidden = []) {
  const texts = {};
  const texted = (name, of) => {
    texts[name] = [...new Set(events.map(of))];
    return [name, "u32", events.map((event) => texts[name].indexOf(of(event)))];
  };
  const sections = [
    ["at_ns", "f64", events.map(({ at = 0 }) => at * 1e6)],
    ["pid", "u32", events.map(({ pid }) => pid)],
    ["ppid", "u32", events.map(({ ppid = 1 }) => ppid)],
    texted("comm", ({ comm = "sh" }) => comm),
    texted("path", ({ path = "/bin/sh" }) => path),
    ["took_ns", "f64", events.map(({ took = 0 }) => took)],
  ].filter(([name]) => !hidden.includes(name));
  for (const name of hidden) delete texts[name];
  const header = { events: events.length, base_s: BASE_S, hidden, texts, entry: "1-0", began: "5", sent_before: 0, lost_before: {}, lost: {} };
  return pack({ ...header, ...more }, sections);
}
