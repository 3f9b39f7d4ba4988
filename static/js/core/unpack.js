/** A message as a saved file holds it: gzip, in base64 (profiler/html_file/packed.py). The same in a page and in a worker. */

/** @param {string} text  @returns {Promise<ArrayBuffer>}  rejected when the text was damaged or cut short */
export async function unpack(text) {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  // What goes wrong is told by whoever reads.
  writer.write(bytesOf(atob(text))).catch(() => {});
  writer.close().catch(() => {});
  return new Response(readable).arrayBuffer();
}

function bytesOf(characters) {
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
