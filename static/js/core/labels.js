/** What of a frame's name fits a given room, and how names from anywhere are made safe to read. */

export const MIN_LABEL_CELLS = 3;
/** A name cut to fewer cells ("_…4") says nothing. */
const MIN_CUT_CELLS = 5;
const ELLIPSIS = "…";
// Controls and bidirectional overrides would reorder or hide the text around them.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const NOT_ASCII = /[^\x20-\x7e]/;
const BEYOND_ONE_CELL = /[^\x20-\x7e…]/;

/** @param {string} name  @returns {string} the name as shown: never empty, never reordering its surroundings */
export function printable(name) {
  if (name === "") return "(no name)";
  return NOT_ASCII.test(name) ? name.replace(UNPRINTABLE, "\ufffd") : name;
}

/** Whether every character takes exactly one cell. @param {string} text */
export function isPlain(text) {
  return !BEYOND_ONE_CELL.test(text);
}

/**
 * Shorten in the middle, so that both ends stay: a name's namespace and its function.
 * @param {string} name printable
 * @param {number} cells room, in character cells of the monospace font
 * @returns {string} "" when there is no room for a label that says something
 */
export function fit(name, cells) {
  cells = Math.floor(cells);
  if (cells < MIN_LABEL_CELLS) return "";
  if (!NOT_ASCII.test(name)) return name.length <= cells ? name : middle(name, cells);
  return fitWide([...name], cells);
}

function middle(name, cells) {
  if (cells < MIN_CUT_CELLS) return "";
  const head = (cells - 1) >> 1;
  return name.slice(0, head) + ELLIPSIS + name.slice(name.length - (cells - 1 - head));
}

/** By code point, so that no surrogate pair is torn; wide characters take two cells. */
function fitWide(characters, cells) {
  // A name longer than this cannot fit whole; no need to measure all of 10,000 characters.
  if (characters.length <= cells && width(characters) <= cells) return characters.join("");
  if (cells < MIN_CUT_CELLS) return "";
  const half = (cells - 1) / 2;
  const head = take(characters, Math.floor(half));
  const tail = take(characters.slice(-cells).reverse(), Math.ceil(half)).reverse();
  return head.join("") + ELLIPSIS + tail.join("");
}

function take(characters, cells) {
  const taken = [];
  for (let i = 0, room = cells; i < characters.length; i++) {
    room -= cellsOf(characters[i]);
    if (room < 0) break;
    taken.push(characters[i]);
  }
  return taken;
}

function width(characters) {
  return characters.reduce((sum, character) => sum + cellsOf(character), 0);
}

/** East Asian scripts and emoji start at U+1100 and are twice as wide; near enough for a label's room. */
function cellsOf(character) {
  const code = character.codePointAt(0);
  return (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xffef) || code >= 0x1f000 ? 2 : 1;
}

/**
 * What is dimmer than the name: module, or file and line.
 * @param {{module: string, file: string, line: number}} frame
 */
export function origin(frame) {
  if (!frame.file) return printableOrEmpty(frame.module);
  return printableOrEmpty(frame.file) + (frame.line ? `:${frame.line}` : "");
}

function printableOrEmpty(text) {
  return text === "" ? "" : printable(text);
}
