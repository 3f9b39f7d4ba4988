/**
 * The fills of a picture's frames as pixels: one line for each row of frames, which is stretched to the row's height when it
 * is drawn. Thousands of narrow frames then cost as many stores into an array, not as many rectangles.
 */

/** A scroll by part of a row shows one more. */
const ROOMY = 2;

export class FramePixels {
  #canvas = null;
  #context = null;
  #image = null;
  #pixels = new Uint32Array(0);
  #width = 0;
  #rows = 0;
  #surface = 0;

  /** Begin a picture: nothing is covered. @param {number} width device px  @param {number} rows  @param {number} surface `pixelOf`; no frame is filled with it */
  clear(width, rows, surface) {
    if (this.#canvas?.width !== width || this.#canvas.height < rows) this.#allocate(width, rows + ROOMY);
    this.#width = width;
    this.#rows = rows;
    this.#surface = surface;
    this.#pixels.fill(surface, 0, rows * width);
  }

  /** @param {number} row from the top  @param {number} left  @param {number} right exclusive  @param {number} color `pixelOf` */
  fill(row, left, right, color) {
    const first = row * this.#width;
    this.#pixels.fill(color, first + left, first + right);
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

  /** @param {CanvasRenderingContext2D} context  @param {number} top of the first row  @param {number} height of each */
  draw(context, top, height) {
    const [width, rows] = [this.#width, this.#rows];
    this.#context.putImageData(this.#image, 0, 0, 0, 0, width, rows);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#canvas, 0, 0, width, rows, 0, top, width, rows * height);
  }

  #allocate(width, rows) {
    this.#canvas = new OffscreenCanvas(width, rows);
    // Written from an array for each picture: it belongs where arrays are.
    this.#context = this.#canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.#image = this.#context.createImageData(width, rows);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
  }
}

/** @param {string} color "#rrggbb"  @returns {number} as pixels of an ImageData are stored on little-endian machines, which all are that run browsers */
export function pixelOf(color) {
  const rgb = Number.parseInt(color.slice(1), 16);
  return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}
