/**
 * `<stack-table>`: functions with their own value, their total and in how many places they are called; sortable, and
 * filtered by the search. Only rows in view exist.
 * Events: `pick` {name}, `open` {name} (Enter or double click), `sort` {sort}.
 */

import { swatch } from "../core/colors.js";
import { count, many, share, value } from "../core/format.js";
import { KINDS } from "../core/kinds.js";
import { printable } from "../core/labels.js";
import { nameFilter, patternsOf } from "../core/search-terms.js";
import { direction, nextSort, parseSort, tableRows } from "../core/table-rows.js";
import { named } from "../core/targets.js";
import { element } from "./element.js";
import { rowKeys } from "./row-keys.js";
import { currentTheme } from "./theme.js";
import { RowTimes } from "./row-times.js";
import { VirtualRows } from "./virtual-rows.js";

const ROW_PX = 24;
const COLUMNS = [
  ["self", "Self", "Value of the function itself"],
  ["total", "Total", "Value of the function and all it called; below itself it counts once"],
  ["places", "Places", "Different callers' paths that lead to it"],
  ["name", "Function", ""],
  ["module", "Module", "Program or library it is in"],
];
let made = 0;

export class StackTable extends HTMLElement {
  #shown = null;
  #asked = null;
  #rows = new Uint32Array(0);
  #heads = new Map();
  #status = element("p", { class: "panel-status", role: "status" });
  #id = `stack-table-${++made}`;
  #body = element("tbody", { role: "rowgroup" });
  #scroller = element("div", { class: "panel-scroller", tabIndex: 0, role: "grid", "aria-label": "Functions" });
  #virtual;
  /** Null where nobody knows when samples were taken. */
  #times = null;

  constructor() {
    super();
    for (const [name, text, title] of COLUMNS) this.#heads.set(name, this.#head(name, text, title));
    const when = element("th", { role: "columnheader", scope: "col", class: "when", title: "Samples through the function over the whole recording, each row as high as its own most" }, "When");
    const head = element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...this.#heads.values(), when));
    this.#scroller.append(element("table", { role: "none", class: "stack-table" }, head, this.#body));
    this.#virtual = new VirtualRows(this.#scroller, this.#body, ROW_PX, (index) => this.#row(index));
    rowKeys(this.#scroller, {
      at: () => this.#pickedIndex(),
      count: () => this.#rows.length,
      go: (index) => this.#pick(index),
      enter: (index) => this.#emit("open", { name: this.#name(this.#rows[index]) }),
    });
  }

  connectedCallback() {
    if (this.#scroller.isConnected) return;
    this.append(this.#status, this.#scroller);
    const url = this.closest("profile-view")?.getAttribute("moments-url");
    this.#times = url ? new RowTimes(url, () => this.#withoutTimes()) : null;
    this.classList.toggle("untimed", !url);
  }

  #withoutTimes() {
    this.#times = null;
    this.classList.add("untimed");
  }

  /** @param {{tree: object, state: object, ask: Function, steps: string[]}} shown */
  async show(shown) {
    const asked = (this.#asked = {});
    const same = this.#shown?.tree.family === shown.tree.family;
    const table = same ? this.#shown.table : await shown.ask("table", shown.steps);
    if (asked !== this.#asked) return;
    const list = `${patternsOf(shown.state).join("\n")}\n${shown.state.sort}`;
    const again = same && this.#shown.list === list;
    this.#shown = { ...shown, table, list };
    if (!again) this.#list();
    this.#virtual.show(this.#rows.length);
    if (!again) this.#revealPicked();
    const picked = this.#pickedIndex();
    if (picked >= 0) this.#scroller.setAttribute("aria-activedescendant", `${this.#id}-${this.#rows[picked]}`);
  }

  #pickedIndex() {
    return this.#rows.findIndex((row) => named(this.#name(row)) === this.#shown.state.fn);
  }

  #list() {
    const { table, tree, state } = this.#shown;
    this.#rows = tableRows(table, tree, state.sort, nameFilter(patternsOf(state)));
    const { column, reversed } = parseSort(state.sort);
    for (const [name, head] of this.#heads) {
      if (name === column) head.setAttribute("aria-sort", direction(column, reversed));
      else head.removeAttribute("aria-sort");
    }
    const all = table.frame.length;
    this.#status.textContent = this.#rows.length === all ? many(all, "function") : `${count(this.#rows.length)} of ${many(all, "function")} match the search`;
    this.#scroller.setAttribute("aria-rowcount", String(this.#rows.length + 1));
  }

  #revealPicked() {
    const at = this.#pickedIndex();
    if (at < 0) this.#scroller.scrollTop = 0;
    else this.#virtual.reveal(at);
  }

  #name(row) {
    const { table, tree } = this.#shown;
    return tree.strings[tree.frames.name[table.frame[row]]];
  }

  #row(index) {
    const { table, tree, state } = this.#shown;
    const row = this.#rows[index];
    const frame = table.frame[row];
    const name = printable(this.#name(row));
    const module = tree.strings[tree.frames.module[frame]];
    const kind = tree.frames.kind[frame];
    const picked = named(this.#name(row)) === state.fn;
    const mark = element("span", { class: "swatch", "aria-hidden": "true" });
    mark.style.background = swatch(kind, currentTheme());
    const when = element("td", { role: "gridcell", class: "when" });
    const cells = [
      this.#number(table.self[row]),
      this.#number(table.total[row]),
      element("td", { role: "gridcell", class: "num places" }, count(table.places[row])),
      element("th", { role: "rowheader", scope: "row", class: "name", title: name.slice(0, 1000) }, mark, element("bdi", {}, name)),
      element("td", { role: "gridcell", class: "module", title: module }, module ? printable(module) : (KINDS[kind]?.legend ?? "")),
      when,
    ];
    this.#times?.fill(when, this.#name(row));
    const line = element("tr", { role: "row", id: `${this.#id}-${row}`, "aria-rowindex": String(index + 2), "aria-selected": String(picked) }, ...cells);
    line.addEventListener("click", () => this.#pick(index));
    line.addEventListener("dblclick", () => this.#emit("open", { name: this.#name(row) }));
    return line;
  }

  /** A bar as wide as the share, the share, and the exact value on wide windows. */
  #number(n) {
    const { tree } = this.#shown;
    const bar = element("span", { class: "bar", "aria-hidden": "true" });
    bar.style.inlineSize = `${(100 * n) / (tree.whole || 1)}%`;
    const exact = value(n, tree.unit);
    return element("td", { role: "gridcell", class: "num", title: exact }, bar, element("span", { class: "share" }, share(n, tree.whole)), element("span", { class: "exact" }, exact));
  }

  #head(name, text, title) {
    const sort = () => this.#emit("sort", { sort: nextSort(this.#shown.state.sort, name) });
    const numeric = name !== "name" && name !== "module";
    return element("th", { role: "columnheader", scope: "col", class: numeric ? `num ${name}` : name }, element("button", { type: "button", title, onclick: sort }, text));
  }

  /** Known at once, so that the next key goes on from here. */
  #pick(index) {
    const name = this.#name(this.#rows[index]);
    this.#shown.state = { ...this.#shown.state, fn: named(name) };
    this.#virtual.reveal(index);
    this.#emit("pick", { name });
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("stack-table", StackTable);
