/**
 * The fills of a picture's frames. Rows of many frames are pixels: one line each, which is stretched to the row's height when
 * it is drawn, so that thousands of narrow frames cost as many stores into an array, not as many rectangles. Rows of few
 * frames are drawn as rectangles, which touches each pixel with less effort.
 */

/** A scroll by part of a row shows one more. */
const ROOMY = 2;
/** Rectangles in a row that take as long as stretching it. */
const FEW = 10;

export class FramePixels {
  #canvas = null;
  #context = null;
  #image = null;
  #pixels = new Uint32Array(0);
  /** Frames of each row; of the first few left, right and colour. */
  #counts = new Uint32Array(0);
  #first = new Uint32Array(0);
  #width = 0;
  #rows = 0;
  #surface = 0;
  #names = new Map();

  /** Begin a picture: nothing is covered. @param {number} width device px  @param {number} rows  @param {number} surface `pixelOf`; no frame is filled with it */
  clear(width, rows, surface) {
    if (this.#canvas?.width !== width || this.#canvas.height < rows) this.#allocate(width, rows + ROOMY);
    this.#width = width;
    this.#rows = rows;
    this.#surface = surface;
    this.#pixels.fill(surface, 0, rows * width);
    this.#counts.fill(0);
  }

  /** @param {number} row from the top  @param {number} left  @param {number} right exclusive  @param {number} color `pixelOf` */
  fill(row, left, right, color) {
    const start = row * this.#width;
    this.#pixels.fill(color, start + left, start + right);
    const i = this.#counts[row]++;
    if (i >= FEW) return;
    const at = 3 * (row * FEW + i);
    this.#first[at] = left;
    this.#first[at + 1] = right;
    this.#first[at + 2] = color;
  }

  /** What no frame covers of a part of a row, from left to right. @param {(left: number, right: number) => void} tell */
  holes(row, from, to, tell) {
    const first = row * this.#width;
    for (let x = from; x < to; x++) {
      const left = x;
      while (x < to && this.#pixels[first + x] === this.#surface) x++;
      if (x > left) tell(left, x);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{first: number, row: number, gap: number, gapTop: number, innerHeight: number}} rows px: top of the uppermost, height of
   *   each, and of its gap at `gapTop`
   */
  draw(context, rows) {
    context.imageSmoothingEnabled = false;
    context.fillStyle = this.#nameOf(this.#surface);
    for (let from = 0; from < this.#rows; ) {
      const many = this.#counts[from] > FEW;
      let to = from + 1;
      while (to < this.#rows && this.#counts[to] > FEW === many) to++;
      if (many) this.#stretch(context, rows, from, to);
      else context.fillRect(0, rows.first + from * rows.row, this.#width, (to - from) * rows.row);
      from = to;
    }
    for (let r = 0; r < this.#rows; r++) if (this.#counts[r] <= FEW) this.#drawFew(context, rows, r);
  }

  #stretch(context, { first, row, gap, gapTop }, from, to) {
    const width = this.#width;
    this.#context.putImageData(this.#image, 0, 0, 0, from, width, to - from);
    context.drawImage(this.#canvas, 0, from, width, to - from, 0, first + from * row, width, (to - from) * row);
    for (let r = from; r < to; r++) context.fillRect(0, first + r * row + gapTop, width, gap);
  }

  #drawFew(context, { first, row, gap, gapTop, innerHeight }, r) {
    const y = first + r * row + (gapTop === 0 ? gap : 0);
    for (let i = 0; i < this.#counts[r]; i++) {
      const at = 3 * (r * FEW + i);
      const left = this.#first[at];
      context.fillStyle = this.#nameOf(this.#first[at + 2]);
      context.fillRect(left, y, this.#first[at + 1] - left, innerHeight);
    }
  }

  /** Of a palette's few colours. @param {number} pixel  @returns {string} "#rrggbb" */
  #nameOf(pixel) {
    if (!this.#names.has(pixel)) this.#names.set(pixel, colorOf(pixel));
    return this.#names.get(pixel);
  }

  #allocate(width, rows) {
    this.#canvas = new OffscreenCanvas(width, rows);
    // Written from an array for each picture: it belongs where arrays are.
    this.#context = this.#canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.#image = this.#context.createImageData(width, rows);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#counts = new Uint32Array(rows);
    this.#first = new Uint32Array(3 * FEW * rows);
  }
}

/** @param {string} color "#rrggbb"  @returns {number} as pixels of an ImageData are stored on little-endian machines, which all are that run browsers */
export function pixelOf(color) {
  const rgb = Number.parseInt(color.slice(1), 16);
  return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}

/** @param {number} pixel  @returns {string} */
function colorOf(pixel) {
  const rgb = ((pixel & 0xff) << 16) | (pixel & 0xff00) | ((pixel >> 16) & 0xff);
  return `#${rgb.toString(16).padStart(6, "0")}`;
}
