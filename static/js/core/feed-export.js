/** Events as text that other programs read, in pieces: a page must not stand still while it writes a file. */

/** Spreadsheets take text that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
export const ROWS_AT_ONCE = 2000;

/** @typedef {import("./feed-wire.js").Field} Field */
/** @typedef {import("./feed-rows.js").FeedRows} FeedRows */

/** RFC 4180. Numbers are plain: nanoseconds, bytes. @param {FeedRows} rows  @param {Field[]} fields  @returns {Generator<string>} */
export function* csvOf(rows, fields) {
  yield `${fields.map((field) => cell(heading(field))).join(",")}\r\n`;
  yield* pieces(rows, (place) => `${fields.map((field) => cell(plain(place, field))).join(",")}\r\n`);
}

/** An array of objects. @param {FeedRows} rows  @param {Field[]} fields  @returns {Generator<string>} */
export function* jsonOf(rows, fields) {
  yield "[";
  let first = true;
  yield* pieces(rows, (place) => {
    const comma = first ? "\n" : ",\n";
    first = false;
    return comma + JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, plain(place, field)])));
  });
  yield "\n]\n";
}

function* pieces(rows, write) {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    let text = "";
    for (let i = start; i < Math.min(rows.length, start + ROWS_AT_ONCE); i++) text += write(rows.at(i));
    yield text;
  }
}

/** Times as ISO 8601 to the microsecond; null: hidden. */
function plain({ batch, row }, field) {
  const value = batch.value(field, row);
  if (field.shows !== "time" || value === null) return value;
  const seconds = Math.floor(value / 1000);
  const micro = Math.floor((value - seconds * 1000) * 1000);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(micro).padStart(6, "0")}Z`;
}

function heading({ name, shows }) {
  return shows === "duration" && !name.endsWith("_ns") ? `${name}_ns` : name;
}

function cell(value) {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
