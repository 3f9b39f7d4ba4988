/**
 * Selectors while they are typed: what may come at the cursor, and how a text changes when a suggestion is taken.
 * The grammar is profiler/core/selector.py's; the server alone says what is wrong.
 */

const SPACE = /[ \t\r\n]*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_.]*/y;
const OPERATOR = /=~|!~|!=|=|!/y;
const VALUE = /"((?:[^"\\\n]|\\.)*)("?)/y;

export const OPERATORS = [
  ["=", "is"],
  ["!=", "is not"],
  ["=~", "fits the expression"],
  ["!~", "does not fit the expression"],
];

/**
 * @typedef {object} Matcher a condition, as far as it is there; −1 where a part begins that is not
 * @property {string} name  @property {string} operator  @property {string} value without quotes, as typed
 * @property {number} nameAt  @property {number} operatorAt  @property {number} valueAt  @property {number} end
 * @property {boolean} complete
 */

/** @param {string} text  @returns {Matcher[]} up to where nothing fits any more */
export function matchers(text) {
  const found = [];
  let at = skip(text, 0);
  while (at < text.length) {
    const matcher = readMatcher(text, at);
    found.push(matcher);
    at = skip(text, matcher.end);
    if (!matcher.complete || text[at] !== ",") break;
    at = skip(text, at + 1);
  }
  return found;
}

function readMatcher(text, at) {
  const name = take(NAME, text, at);
  const matcher = { name: name?.[0] ?? "", operator: "", value: "", nameAt: at, operatorAt: -1, valueAt: -1, end: at + (name?.[0].length ?? 0), complete: false };
  if (!name) return { ...matcher, end: text.length };
  const operatorAt = skip(text, matcher.end);
  const operator = take(OPERATOR, text, operatorAt);
  if (!operator) return matcher;
  const end = operatorAt + operator[0].length;
  Object.assign(matcher, { operator: operator[0], operatorAt, end });
  const valueAt = skip(text, end);
  const value = take(VALUE, text, valueAt);
  if (!value) return matcher;
  return { ...matcher, value: value[1], valueAt, end: valueAt + value[0].length, complete: value[2] === '"' };
}

function skip(text, at) {
  SPACE.lastIndex = at;
  return at + SPACE.exec(text)[0].length;
}

function take(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * @typedef {object} Place
 * @property {"name"|"operator"|"value"|"comma"} expects  @property {string} label whose operator or value it is
 * @property {string} typed so far, before the cursor  @property {number} from  @property {number} to what a suggestion replaces
 * @property {string} others the selector without the condition that is being typed
 */

/** What may come at the cursor. @param {string} text  @param {number} caret  @returns {Place} */
export function placeAt(text, caret) {
  const all = matchers(text);
  const here = all.findLast((matcher) => caret >= matcher.nameAt);
  const place = (expects, from, to, more = {}) => ({ expects, label: "", typed: text.slice(from, caret), from, to, others: without(all, here), ...more });
  if (!here) return place("name", caret, caret, { others: without(all, null) });
  const { name, nameAt, operatorAt, valueAt, end } = here;
  const nameEnd = nameAt + name.length;
  if (here.complete && caret >= end) {
    const comma = text.slice(end, caret).includes(",");
    return { ...place(comma ? "name" : "comma", caret, caret), others: without(all, null) };
  }
  if (caret <= nameEnd && (operatorAt < 0 || caret < nameEnd || nameEnd === nameAt)) return place("name", nameAt, Math.max(nameEnd, caret));
  if (operatorAt < 0) return place("operator", caret, caret, { label: name });
  if (caret < operatorAt + here.operator.length || (valueAt < 0 && here.operator === "!")) return place("operator", operatorAt, operatorAt + here.operator.length, { label: name });
  if (valueAt < 0) return place("value", caret, caret, { label: name });
  return { ...place("value", valueAt, end, { label: name }), typed: unquote(text.slice(valueAt + 1, Math.max(caret, valueAt + 1))) };
}

function without(all, left) {
  return all.filter((matcher) => matcher !== left && matcher.complete).map(source).join(", ");
}

function source({ name, operator, value }) {
  return `${name}${operator}"${value}"`;
}

/**
 * The text with a suggestion in its place, and where the cursor goes.
 * @param {string} text  @param {Place} place  @param {string} choice a name, an operator or a value
 * @returns {{text: string, caret: number}}
 */
export function insert(text, place, choice) {
  const rest = text.slice(place.to);
  const put = { name: choice, operator: `${choice}"`, value: `${quote(choice)}`, comma: ", " }[place.expects];
  const gap = place.expects === "name" && /[\w"]$/.test(text.slice(0, place.from)) ? ", " : "";
  const head = text.slice(0, place.from) + gap + put;
  return { text: head + rest, caret: head.length };
}

/** @param {string} value  @returns {string} in double quotes, as the grammar has it */
export function quote(value) {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

function unquote(text) {
  return text.replace(/"$/, "").replace(/\\(["\\n])/g, (_, c) => (c === "n" ? "\n" : c));
}

/** The selector with only this value of a label. @param {string} text  @param {string} label  @param {string} value */
export function focused(text, label, value) {
  const kept = matchers(text).filter((matcher) => matcher.complete && matcher.name !== label).map(source);
  return [...kept, `${label}=${quote(value)}`].join(", ");
}

/** The selector with any of these values of a label. @param {string} text  @param {string} label  @param {string[]} values */
export function focusedOnAny(text, label, values) {
  if (values.length === 1) return focused(text, label, values[0]);
  const pattern = values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|");
  return [unfocused(text, label), `${label}=~${quote(pattern)}`].filter(Boolean).join(", ");
}

/** The selector without conditions on a label. @param {string} text  @param {string} label */
export function unfocused(text, label) {
  return matchers(text).filter((matcher) => matcher.complete && matcher.name !== label).map(source).join(", ");
}

/** The only value that a label may have, or "". @param {string} text  @param {string} label */
export function focusOf(text, label) {
  const found = matchers(text).filter((matcher) => matcher.complete && matcher.name === label);
  return found.length === 1 && found[0].operator === "=" ? unquote(found[0].value) : "";
}

const MAX_RECENT = 8;

/** The newest first, each once. @param {string[]} recent  @param {string} text */
export function remembered(recent, text) {
  return text.trim() === "" ? recent : [text, ...recent.filter((one) => one !== text)].slice(0, MAX_RECENT);
}
