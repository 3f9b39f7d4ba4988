/**
 * `<diff-table>`: functions of two sides by how much they changed; sortable, filtered by the search. Only rows in view exist.
 * Events: `pick` {name}, `open` {name} (Enter or double click), `sort` {sort}.
 */

import { diffDirection, diffRows, listDiffRows, nextDiffSort, notListed, parseDiffSort } from "../core/diff-rows.js";
import { signed, signedWithUnit, verdict } from "../core/diff-words.js";
import { count, many, share, value } from "../core/format.js";
import { KINDS } from "../core/kinds.js";
import { printable } from "../core/labels.js";
import { nameFilter, patternsOf } from "../core/search-terms.js";
import { named } from "../core/targets.js";
import { element } from "./element.js";
import { rowKeys } from "./row-keys.js";
import { VirtualRows } from "./virtual-rows.js";

const ROW_PX = 24;
const COLUMNS = [
  ["self", "Δ self", "Change of the function itself, in points of share or as a value"],
  ["total", "Δ total", "Change of the function and all it called; below itself it counts once"],
  ["a", "Self in A", "Before"],
  ["b", "Self in B", "What is looked at"],
  ["name", "Function", ""],
  ["module", "Module", "Program or library it is in"],
];
let made = 0;

export class DiffTable extends HTMLElement {
  #shown = null;
  #rows = [];
  #heads = new Map();
  #status = element("p", { class: "panel-status", role: "status" });
  #id = `diff-table-${++made}`;
  #body = element("tbody", { role: "rowgroup" });
  #foot = element("tfoot", { role: "rowgroup" });
  #scroller = element("div", { class: "panel-scroller", tabIndex: 0, role: "grid", "aria-label": "Functions by change" });
  #virtual;

  constructor() {
    super();
    for (const [name, text, title] of COLUMNS) this.#heads.set(name, this.#head(name, text, title));
    const head = element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...this.#heads.values()));
    this.#scroller.append(element("table", { role: "none", class: "stack-table diff" }, head, this.#body, this.#foot));
    this.#virtual = new VirtualRows(this.#scroller, this.#body, ROW_PX, (index) => this.#row(index));
    rowKeys(this.#scroller, {
      at: () => this.#pickedIndex(),
      count: () => this.#rows.length,
      go: (index) => this.#pick(index),
      enter: (index) => this.#emit("open", { name: this.#rows[index].name }),
    });
  }

  connectedCallback() {
    if (!this.#scroller.isConnected) this.append(this.#status, this.#scroller);
  }

  /** @param {{tree: object, state: object}} shown a tree of two sides */
  show({ tree, state }) {
    const { diff } = tree;
    const all = this.#shown?.diff === diff ? this.#shown.all : diffRows(diff);
    this.#shown = { diff, all, state, size: largest(all, diff) };
    this.#rows = listDiffRows(all, state.sort, nameFilter(patternsOf(state)));
    const { column, reversed } = parseDiffSort(state.sort);
    for (const [name, head] of this.#heads) {
      if (name === column) head.setAttribute("aria-sort", diffDirection(column, reversed));
      else head.removeAttribute("aria-sort");
    }
    const sure = this.#rows.filter(({ self, total }) => self.beyond || total.beyond).length;
    this.#status.textContent = `${many(this.#rows.length, "function")}, ${count(sure)} changed beyond chance`;
    this.#virtual.show(this.#rows.length);
    this.#showRest(notListed(diff));
    const picked = this.#pickedIndex();
    if (picked >= 0) this.#scroller.setAttribute("aria-activedescendant", `${this.#id}-${picked}`);
  }

  #pickedIndex() {
    return this.#rows.findIndex(({ name }) => named(name) === this.#shown.state.fn);
  }

  /** Always in sight: without it the rows would seem to be everything. */
  #showRest(rest) {
    this.#foot.hidden = rest === null;
    if (rest === null) return;
    const name = element("th", { role: "rowheader", scope: "row", class: "name", title: `${rest.words}: what no row above has` }, rest.words);
    const none = element("td", { role: "gridcell", class: "num change chance", title: "Totals of several functions overlap" }, "–");
    this.#foot.replaceChildren(element("tr", { role: "row" }, this.#change(rest.self), none, ...this.#sides(rest.self), name, element("td", { role: "gridcell", class: "module" })));
  }

  #sides({ a, b }) {
    const { diff } = this.#shown;
    const side = (n, sum) => element("td", { role: "gridcell", class: "num side", title: value(n, diff.unit) }, share(n, sum));
    return [side(a, diff.a.sum), side(b, diff.b.sum)];
  }

  #row(index) {
    const { state } = this.#shown;
    const { name, module, kind, self, total } = this.#rows[index];
    const cells = [
      this.#change(self),
      this.#change(total),
      ...this.#sides(self),
      element("th", { role: "rowheader", scope: "row", class: "name", title: name.slice(0, 1000) }, element("bdi", {}, printable(name))),
      element("td", { role: "gridcell", class: "module", title: module }, module ? printable(module) : (KINDS[kind]?.legend ?? "")),
    ];
    const line = element("tr", { role: "row", id: `${this.#id}-${index}`, "aria-rowindex": String(index + 2), "aria-selected": String(named(name) === state.fn) }, ...cells);
    line.addEventListener("click", () => this.#pick(index));
    line.addEventListener("dblclick", () => this.#emit("open", { name }));
    return line;
  }

  /** A bar from the middle, the signed number, and what may be thought of it. */
  #change(changed) {
    const { diff, size } = this.#shown;
    const fill = element("span", { class: changed.by < 0 ? "less" : "more" });
    fill.style.inlineSize = `${Math.min(50, (50 * Math.abs(diff.size(changed.by))) / size)}%`;
    const bar = element("span", { class: changed.beyond ? "change-bar" : "change-bar faint", "aria-hidden": "true" }, fill);
    return element("td", { role: "gridcell", class: changed.beyond ? "num change" : "num change chance", title: verdict(diff, changed) }, bar, ...withUnit(diff, changed));
  }

  #head(name, text, title) {
    const sort = () => this.#emit("sort", { sort: nextDiffSort(this.#shown.state.sort, name) });
    const look = { self: "num change", total: "num change", a: "num side", b: "num side" }[name] ?? name;
    return element("th", { role: "columnheader", scope: "col", class: look }, element("button", { type: "button", title, onclick: sort }, text));
  }

  #pick(index) {
    const { name } = this.#rows[index];
    this.#shown.state = { ...this.#shown.state, fn: named(name) };
    this.#virtual.reveal(index);
    this.#emit("pick", { name });
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** A narrow column has no room for the word, which its title has too. */
function withUnit(diff, changed) {
  return diff.change === "relative" ? [signed(diff, changed), element("span", { class: "unit" }, " points")] : [signedWithUnit(diff, changed)];
}

/** What the longest bar stands for. */
function largest(rows, diff) {
  return rows.reduce((most, { self, total }) => Math.max(most, Math.abs(diff.size(self.by)), Math.abs(diff.size(total.by))), 0) || 1;
}

customElements.define("diff-table", DiffTable);
