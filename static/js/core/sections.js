/** Reads messages of columns: magic, length of the header, JSON header, sections (profiler/core/sections.py). */

const PREFIX_BYTES = 8;
const ALIGN = 8;
const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array };

/** The message is damaged, cut short or of another schema; the text names what is wrong. */
export class SectionsError extends Error {
  name = "SectionsError";
}

/**
 * @param {ArrayBuffer} buffer  @param {string} magic four characters  @param {number} schema
 * @returns {{header: object, columns: Object<string, ArrayLike<number>>}} columns are views on the message's bytes
 * @throws {SectionsError}
 */
export function readSections(buffer, magic, schema) {
  const bytes = new Uint8Array(buffer);
  if (bytes.length < PREFIX_BYTES || String.fromCharCode(...bytes.subarray(0, 4)) !== magic) throw new SectionsError(`${bytes.length} bytes that do not begin with ${magic}`);
  const end = PREFIX_BYTES + new DataView(buffer).getUint32(4, true);
  if (end > bytes.length) throw new SectionsError("cut short inside the header");
  const header = parse(bytes.subarray(PREFIX_BYTES, end));
  if (header?.schema !== schema) throw new SectionsError(`schema ${header?.schema}; this page reads schema ${schema}: reload it`);
  if (!Array.isArray(header.sections)) throw new SectionsError("header without sections");
  const base = Math.ceil(end / ALIGN) * ALIGN;
  return { header, columns: Object.fromEntries(header.sections.map((section) => [section.name, column(buffer, base, section)])) };
}

function parse(bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new SectionsError(`header is not JSON: ${error.message}`);
  }
}

function column(buffer, base, { name, dtype, offset, length }) {
  const Column = ARRAYS[dtype];
  if (!Column) throw new SectionsError(`section ${name}: unknown dtype ${dtype}`);
  const fits = [offset, length].every((n) => Number.isInteger(n) && n >= 0) && offset % ALIGN === 0 && base + offset + length * Column.BYTES_PER_ELEMENT <= buffer.byteLength;
  if (!fits) throw new SectionsError(`section ${name}: cut short, or a bad offset ${offset} or length ${length}`);
  return new Column(buffer, base + offset, length);
}
