/** A canvas for tests: draws rectangles and images into pixels as a browser does, and keeps a log of the calls. */

const CELL = 7;

/** @param {number} pixel of an ImageData  @returns {string} "#rrggbb" */
const colorOf = (pixel) => "#" + [pixel, pixel >> 8, pixel >> 16].map((part) => (part & 0xff).toString(16).padStart(2, "0")).join("");

export class Picture {
  calls = [];

  constructor(width, height) {
    Object.assign(this, { width, height });
    this.pixels = Array.from({ length: height }, () => new Array(width).fill(null));
  }
  fillRect(x, y, width, height) {
    this.calls.push({ op: "rect", fill: this.fillStyle, x, y, width, height });
    this.#paint(x, y, width, height, () => this.fillStyle);
  }
  fillText(text, x, y) {
    this.calls.push({ op: "text", fill: this.fillStyle, text, x, y });
  }
  drawImage(image, fromX, fromY, fromWidth, fromHeight, x, y, width, height) {
    if (this.imageSmoothingEnabled !== false) throw new Error("edges would be blurred");
    this.calls.push({ op: "image", x, y, width, height });
    const at = (place, from, to) => Math.floor((place * from) / to);
    this.#paint(x, y, width, height, (dx, dy) => image.colorAt(fromX + at(dx, fromWidth, width), fromY + at(dy, fromHeight, height)));
  }
  measureText(text) {
    return { width: text.length * CELL };
  }
  createPattern() {
    return "hatch";
  }

  #paint(x, y, width, height, color) {
    for (let row = Math.max(0, y); row < Math.min(this.height, y + height); row++) {
      for (let column = Math.max(0, x); column < Math.min(this.width, x + width); column++) {
        this.pixels[row][column] = color(column - x, row - y);
      }
    }
  }

  /** What one line of pixels shows, from left to right. @param {number} y  @returns {{fill: string, x: number, width: number}[]} */
  line(y) {
    const runs = [];
    this.pixels[y].forEach((fill, x) => {
      if (runs.at(-1)?.fill === fill) runs.at(-1).width++;
      else runs.push({ fill, x, width: 1 });
    });
    return runs;
  }

  /** Lines from y down that show the same colour at x. */
  heightAt(x, y) {
    let end = y;
    while (end < this.height && this.pixels[end][x] === this.pixels[y][x]) end++;
    return end - y;
  }
}

/** What a painter draws its own images on. */
export class FakeOffscreenCanvas {
  #pixels = null;

  constructor(width, height) {
    Object.assign(this, { width, height });
  }
  getContext() {
    return {
      beginPath() {}, moveTo() {}, lineTo() {}, stroke() {},
      createImageData: (width, height) => ({ data: new Uint8ClampedArray(width * height * 4) }),
      putImageData: ({ data }, dx, dy, x, y, width, height) => this.#put(new Uint32Array(data.buffer), y * this.width + x, (y + height - 1) * this.width + x + width),
    };
  }
  /** Whole lines. */
  #put(pixels, from, to) {
    this.#pixels ??= new Uint32Array(this.width * this.height);
    this.#pixels.set(pixels.subarray(from, to), from);
  }
  colorAt(x, y) {
    return colorOf(this.#pixels[y * this.width + x]);
  }
}
