/**
 * Reads the server's tree message: "Tree and its wire form" in docs/architecture.md.
 * The columns are views on the message's own bytes: nothing is copied, nothing is made per node.
 */

export const SCHEMA = 1;
const MAGIC = 0x31545057; // "WPT1", little-endian
const PREFIX_BYTES = 8;
const ALIGN = 8;

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array };
const SECTIONS = {
  depth: ["u16"],
  frame: ["u32"],
  self: ["u32", "f64"],
  cut_node: ["u32"],
  cut_value: ["f64"],
  cut_count: ["u32"],
  frame_name: ["u32"],
  frame_module: ["u32"],
  frame_file: ["u32"],
  frame_kind: ["u8"],
  frame_line: ["u32"],
  base_self: ["u32", "f64"],
  base_cut_value: ["f64"],
  place: ["u32"],
  start: ["u32", "f64"],
};
/** Of a part of a tree (core/part.js): which node of the whole, and where its left edge is. */
const OF_PART = ["place", "start"];
const OPTIONAL = ["cut_node", "cut_value", "cut_count"];
/** Sent when the message has two sides (core/diff.js). */
const OF_BASE = { base_self: "self", base_cut_value: "cut_value" };
const SAME_LENGTH = [
  ["depth", "frame", "self"],
  ["cut_node", "cut_value", "cut_count"],
  ["frame_name", "frame_module", "frame_file", "frame_kind", "frame_line"],
];

/** The message is damaged, cut short or of another schema; the text names what is wrong. */
export class WireError extends Error {
  name = "WireError";
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {{header: object, columns: Object<string, Uint8Array|Uint16Array|Uint32Array|Float64Array>}}
 * @throws {WireError}
 */
export function decode(buffer) {
  const { header, base } = readHeader(buffer);
  const columns = {};
  for (const section of header.sections) {
    if (section.name in SECTIONS) columns[section.name] = readSection(buffer, base, section);
  }
  checkLengths(columns, header);
  checkFrames(columns, header.strings.length);
  return { header, columns };
}

function readHeader(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < PREFIX_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw new WireError(`not a profile message: ${buffer.byteLength} bytes that do not begin with "WPT1"`);
  }
  const length = view.getUint32(4, true);
  if (PREFIX_BYTES + length > buffer.byteLength) {
    throw new WireError(`cut short inside the header: ${buffer.byteLength} bytes, header of ${length}`);
  }
  const header = parseJson(new Uint8Array(buffer, PREFIX_BYTES, length));
  if (header?.schema !== SCHEMA) {
    throw new WireError(`schema ${header?.schema}; this page reads schema ${SCHEMA}. Reload the page to get the newest`);
  }
  if (!Array.isArray(header.sections) || !Array.isArray(header.strings)) {
    throw new WireError("header without sections or strings");
  }
  return { header, base: Math.ceil((PREFIX_BYTES + length) / ALIGN) * ALIGN };
}

function parseJson(bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new WireError(`header is not JSON: ${error.message}`);
  }
}

function readSection(buffer, base, { name, dtype, offset, length }) {
  if (!SECTIONS[name].includes(dtype)) throw new WireError(`section ${name}: unknown dtype ${dtype}`);
  const Column = ARRAYS[dtype];
  if (!Number.isInteger(offset) || offset < 0 || offset % ALIGN || !Number.isInteger(length) || length < 0) {
    throw new WireError(`section ${name}: bad offset ${offset} or length ${length}`);
  }
  const end = base + offset + length * Column.BYTES_PER_ELEMENT;
  if (end > buffer.byteLength) {
    throw new WireError(`cut short in section ${name}: ends at byte ${end}, the message has ${buffer.byteLength}`);
  }
  return new Column(buffer, base + offset, length);
}

function checkLengths(columns, header) {
  for (const name of Object.keys(SECTIONS)) {
    if (name in columns || (name in OF_BASE && !header.base) || OF_PART.includes(name)) continue;
    if (name === "base_cut_value" && columns.cut_value.length === 0) columns[name] = new Float64Array(0);
    if (name in columns) continue;
    if (!OPTIONAL.includes(name)) throw new WireError(`section ${name} is missing`);
    columns[name] = new ARRAYS[SECTIONS[name][0]](0);
  }
  for (const [first, ...others] of SAME_LENGTH) {
    for (const name of others) {
      if (columns[name].length !== columns[first].length) {
        throw new WireError(`${first} has ${columns[first].length} entries, ${name} has ${columns[name].length}`);
      }
    }
  }
  for (const [name, like] of Object.entries(OF_BASE)) {
    if (header.base && columns[name].length !== columns[like].length) throw new WireError(`${like} has ${columns[like].length} entries, ${name} has ${columns[name].length}`);
  }
  const nodes = columns.depth.length;
  for (const name of OF_PART) {
    if ((columns[name]?.length ?? nodes) !== nodes) throw new WireError(`depth has ${nodes} entries, ${name} has ${columns[name].length}`);
  }
  if (nodes !== header.nodes) throw new WireError(`${nodes} nodes, but the header says ${header.nodes}`);
  if (nodes === 0) throw new WireError("a tree without a root");
}

function checkFrames(columns, strings) {
  for (const name of ["frame_name", "frame_module", "frame_file"]) {
    checkBelow(name, columns[name], strings);
  }
  checkBelow("frame", columns.frame, columns.frame_name.length);
  checkBelow("cut_node", columns.cut_node, columns.depth.length);
}

function checkBelow(name, column, limit) {
  for (let i = 0; i < column.length; i++) {
    if (column[i] >= limit) throw new WireError(`section ${name}: entry ${i} is ${column[i]}, only ${limit} exist`);
  }
}
