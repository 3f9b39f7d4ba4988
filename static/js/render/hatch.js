/** Diagonal lines that mark what has no name or was left out, made once per colour and pixel ratio. */

const TILE_PX = 6;
const patterns = new Map();

/** @param {CanvasRenderingContext2D} context  @param {string} color  @param {number} ratio  @returns {CanvasPattern} */
export function hatchPattern(context, color, ratio) {
  const key = `${color} ${ratio}`;
  if (!patterns.has(key)) patterns.set(key, context.createPattern(tile(color, Math.round(TILE_PX * ratio)), "repeat"));
  return patterns.get(key);
}

function tile(color, size) {
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext("2d");
  context.strokeStyle = color;
  context.lineWidth = size / 5;
  context.beginPath();
  // Three parallels, so that the lines meet at the tile's corners.
  for (const shift of [-size, 0, size]) {
    context.moveTo(shift - 1, size + 1);
    context.lineTo(shift + size + 1, -1);
  }
  context.stroke();
  return canvas;
}
