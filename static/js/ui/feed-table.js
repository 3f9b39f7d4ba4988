/**
 * `<feed-table>`: events as rows, of which only those in view exist. It stays at the newest while it is scrolled there.
 * Events: `pick` {index} (-1: none), `sort` {field}, `filter` {name, text}, `leave` (scrolled away from the newest, or back).
 */

import { cellText, wholeText } from "../core/feed-cells.js";
import { isNumber, parseFilter } from "../core/feed-filter.js";
import { element } from "./element.js";
import { rowKeys } from "./row-keys.js";
import { VirtualRows } from "./virtual-rows.js";

const ROW_PX = 22;
/** Room of a column in characters; those of texts share what is left, and have at least this. */
const ROOM = { time: 15, number: 11, duration: 11, bytes: 11, pid: 10, uid: 9, port: 8, comm: 18, error: 14, address: 24, text: 16 };
const LEAST_ROOM = 28;
const PADDING_PX = 16;
const SHARING = new Set(["path", "command", "name"]);
const HEAD_ROWS = 2;
const TITLE_CHARACTERS = 1000;
const EXAMPLES = { duration: ">1ms", bytes: ">4KiB", text: "word or /regex/" };

export class FeedTable extends HTMLElement {
  #rows = null;
  #fields = [];
  #sorted = { name: "", reversed: false };
  #picked = -1;
  #atNewest = true;
  #inputs = new Map();
  #columns = element("colgroup");
  #heads = element("tr", { role: "row", "aria-rowindex": "1" });
  #filters = element("tr", { role: "row", "aria-rowindex": "2", class: "feed-filters" });
  #body = element("tbody", { role: "rowgroup" });
  #table = element("table", { role: "none" }, this.#columns, element("thead", { role: "rowgroup" }, this.#heads, this.#filters), this.#body);
  #scroller = element("div", { class: "feed-scroller", tabIndex: 0, role: "grid", "aria-label": "Events" }, this.#table);
  #virtual = new VirtualRows(this.#scroller, this.#body, ROW_PX, (index) => this.#row(index));

  constructor() {
    super();
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    rowKeys(this.#scroller, {
      at: () => this.#index(),
      count: () => this.#rows?.length ?? 0,
      go: (index) => this.#pick(index),
      enter: () => this.dispatchEvent(new CustomEvent("enter")),
    });
  }

  connectedCallback() {
    if (!this.#scroller.isConnected) this.append(this.#scroller);
  }

  get atNewest() {
    return this.#atNewest;
  }

  get picked() {
    return this.#index();
  }

  /** @param {import("../core/feed-wire.js").Field[]} fields to show  @param {Object<string, string>} filters */
  showColumns(fields, filters) {
    this.#fields = fields;
    this.#inputs = new Map(fields.map((field) => [field.name, this.#filterInput(field, filters[field.name] ?? "")]));
    this.#columns.replaceChildren(...fields.map(column));
    this.#heads.replaceChildren(...fields.map((field) => this.#head(field)));
    this.#filters.replaceChildren(...fields.map((field) => element("td", { role: "gridcell" }, this.#inputs.get(field.name) ?? null)));
    const room = fields.reduce((sum, { shows }) => sum + (ROOM[shows] ?? LEAST_ROOM), 0);
    this.#table.style.minInlineSize = `calc(${room}ch + ${PADDING_PX * fields.length}px)`;
    this.#scroller.setAttribute("aria-colcount", String(fields.length));
    this.#redraw();
  }

  /** @param {import("../core/feed-rows.js").FeedRows} rows  @param {number} [gone] rows that left at the top since the last time */
  show(rows, gone = 0) {
    this.#rows = rows;
    this.#scroller.setAttribute("aria-rowcount", String(rows.length + HEAD_ROWS));
    if (gone > 0 && !this.#atNewest) this.#scroller.scrollTop -= gone * ROW_PX;
    if (this.#atNewest) this.#virtual.showLast(rows.length);
    else this.#redraw();
  }

  toNewest() {
    this.#atNewest = true;
    if (this.#rows) this.#virtual.showLast(this.#rows.length);
  }

  /** Put a row into view and select it. @param {number} index */
  reveal(index) {
    if (index >= 0) this.#pick(index);
  }

  /** Rows have other numbers now. */
  unpick() {
    this.#picked = -1;
    this.#scroller.removeAttribute("aria-activedescendant");
  }

  /** @param {string} name of a column, "" for the order of time  @param {boolean} reversed */
  markSorted(name, reversed) {
    this.#sorted = { name, reversed };
    this.#fields.forEach((field, i) => {
      if (field.name === name) this.#heads.children[i].setAttribute("aria-sort", reversed ? "descending" : "ascending");
      else this.#heads.children[i].removeAttribute("aria-sort");
    });
  }

  /** A filter was set elsewhere. @param {Object<string, string>} filters */
  setFilters(filters) {
    for (const [name, input] of this.#inputs) if (input) this.#check(input, (input.value = filters[name] ?? ""), this.#fields.find((field) => field.name === name));
  }

  focusRows() {
    this.#scroller.focus();
  }

  #head(field) {
    const title = field.about ? `${field.about}. Press to sort by it` : "Press to sort by it: the table is held still";
    const button = element("button", { type: "button", class: "link", title, onclick: () => this.#emit("sort", { field }) }, field.title);
    return element("th", { role: "columnheader", scope: "col", class: look(field) }, button);
  }

  /** Times are found by jumping to them. */
  #filterInput(field, text) {
    if (field.shows === "time") return null;
    const input = element("input", { type: "search", value: text, placeholder: EXAMPLES[field.shows] ?? (isNumber(field.shows) ? "7, >5, 5..10" : EXAMPLES.text), "aria-label": `Filter ${field.title}`, autocomplete: "off", spellcheck: false });
    input.addEventListener("input", () => {
      this.#check(input, input.value, field);
      this.#emit("filter", { name: field.name, text: input.value });
    });
    this.#check(input, text, field);
    return input;
  }

  #check(input, text, field) {
    const { error } = parseFilter(text, field.shows);
    input.setCustomValidity(error);
    input.title = error || "Text: a word, =all of it, /regular expression/. Numbers: 7, >5, 5..10. ! turns it round";
    input.setAttribute("aria-invalid", String(error !== ""));
  }

  #row(index) {
    const place = this.#rows.at(index);
    const number = this.#rows.numberOf(index);
    const row = element("tr", { role: "row", id: `event-${number}`, "aria-rowindex": String(index + HEAD_ROWS + 1), "aria-selected": String(number === this.#picked) }, ...this.#fields.map((field) => cell(place, field)));
    row.addEventListener("click", () => this.#pick(index));
    return row;
  }

  #index() {
    return this.#picked < 0 || !this.#rows ? -1 : this.#rows.indexOf(this.#picked);
  }

  #pick(index) {
    this.#picked = this.#rows.numberOf(index);
    this.#redraw();
    this.#virtual.reveal(index);
    this.#scroller.setAttribute("aria-activedescendant", `event-${this.#picked}`);
    // Who looks at an event does not want it to leave.
    if (this.#atNewest && index < this.#rows.length - 1) {
      this.#atNewest = false;
      this.#emit("leave", {});
    }
    this.#emit("pick", { index });
  }

  #redraw() {
    if (this.#rows) this.#virtual.show(this.#rows.length);
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    const atNewest = scrollTop + clientHeight >= scrollHeight - ROW_PX;
    if (atNewest === this.#atNewest) return;
    this.#atNewest = atNewest;
    this.#emit("leave", {});
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function cell({ batch, row }, field) {
  const value = batch.value(field, row);
  const title = value === null || (typeof value === "string" && value.length > 12) ? wholeText(value, field).slice(0, TITLE_CHARACTERS) : "";
  return element("td", { role: "gridcell", class: value === null ? "hidden-value" : look(field), title }, cellText(value, field));
}

function look({ shows }) {
  return isNumber(shows) || shows === "time" ? "num" : "text";
}

function column({ shows }) {
  const made = element("col");
  if (!SHARING.has(shows)) made.style.inlineSize = `calc(${ROOM[shows] ?? LEAST_ROOM}ch + ${PADDING_PX}px)`;
  return made;
}

customElements.define("feed-table", FeedTable);
