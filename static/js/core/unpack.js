/** A message as a saved file holds it: gzip, in base64 (profiler/html_file/packed.py). The same in a page and in a worker. */

/** @param {string} text  @returns {Promise<ArrayBuffer>}  rejected when the text was damaged or cut short */
export async function unpack(text) {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  // What goes wrong is told by whoever reads.
  writer.write(bytesOf(text)).catch(() => {});
  writer.close().catch(() => {});
  return whole(readable.getReader());
}

/** Piece by piece: a `Response` of the stream would come some tasks later, and the first picture waits for it. */
async function whole(reader) {
  const pieces = [];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value);
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes.buffer;
}

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
