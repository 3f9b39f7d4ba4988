/**
 * Colours by perceived lightness, so that equal steps look equal and contrast is predictable.
 * Formulas: Björn Ottosson, "A perceptual color space for image processing" (2020); WCAG 2.2 relative luminance.
 * @typedef {[number, number, number]} Rgb linear light, 0..1
 */

/** @param {number} l 0..1  @param {number} c chroma, about 0..0.3  @param {number} h hue in degrees  @returns {Rgb} */
export function oklch(l, c, h) {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ].map((x) => Math.min(1, Math.max(0, x)));
}

/** @param {Rgb} rgb  @returns {string} "#rrggbb" */
export function toHex(rgb) {
  return "#" + rgb.map((x) => Math.round(255 * encode(x)).toString(16).padStart(2, "0")).join("");
}

/** @param {string} hex "#rrggbb"  @returns {Rgb} */
export function fromHex(hex) {
  return [1, 3, 5].map((i) => {
    const x = parseInt(hex.slice(i, i + 2), 16) / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  });
}

/** A colour laid over another with an opacity, as CSS and canvas blend. @param {string} over  @param {string} under  @param {number} alpha */
export function blend(over, under, alpha) {
  const channel = (hex, i) => parseInt(hex.slice(i, i + 2), 16);
  return "#" + [1, 3, 5]
    .map((i) => Math.round(channel(over, i) * alpha + channel(under, i) * (1 - alpha)).toString(16).padStart(2, "0"))
    .join("");
}

/** WCAG contrast ratio, 1..21. @param {string} a  @param {string} b */
export function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex) {
  const [r, g, b] = fromHex(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function encode(x) {
  return x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055;
}
